import assert from "node:assert/strict";
import { limitRequests } from "./request_limit.ts";

Deno.test("P01 limitRequests() bounds open requests in all and for each address", async () => {
  const gate = Promise.withResolvers<void>();
  const handle = limitRequests(async () => {
    await gate.promise;
    return new Response("done");
  }, { openMax: 3, openPerAddressMax: 2 });
  const ask = (address: string) => handle(new Request("http://n/"), address);

  const open = [ask("a"), ask("a")];
  assert.equal((await ask("a")).status, 503);
  open.push(ask("b"));
  const refused = await ask("c");
  assert.equal(refused.status, 503);
  assert.equal((await refused.json()).error.code, "node-busy");

  gate.resolve();
  for (const response of await Promise.all(open)) assert.equal(await response.text(), "done");
  assert.equal((await ask("a")).status, 200);
});

Deno.test("limitRequests() frees the place of a request that failed", async () => {
  const handle = limitRequests(() => {
    throw new TypeError("broken");
  }, { openMax: 1, openPerAddressMax: 1 });
  for (let count = 0; count < 3; count++) {
    await assert.rejects(handle(new Request("http://n/"), "a"), { message: "broken" });
  }
});
