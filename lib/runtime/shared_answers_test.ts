import assert from "node:assert/strict";
import {
  SHARED_ANSWERS_MAX,
  SHARED_MS_MAX,
  SHARED_SIZE_BYTES_MAX,
  SharedAnswers,
} from "./shared_answers.ts";

const ask = (path: string, headers: Record<string, string> = {}) =>
  new Request(`http://n${path}`, { headers });
const answer = (text: string) => new Response(text, { headers: { etag: `"${text}"` } });

Deno.test("X04 an answer is shared for five seconds, whole or as what is known already", async () => {
  const shared = new SharedAnswers();
  assert.equal(shared.at(ask("/a"), 0), undefined);
  const first = await shared.keep(ask("/a"), answer("one"), 0);
  assert.equal(await first.text(), "one");
  for (let time = 0; time < 2; time++) {
    const again = shared.at(ask("/a"), SHARED_MS_MAX - 1);
    assert.equal(await again?.text(), "one");
    assert.equal(again?.headers.get("etag"), '"one"');
  }
  const known = shared.at(ask("/a", { "if-none-match": '"one"' }), 0);
  assert.deepEqual([known?.status, await known?.text()], [304, ""]);
  assert.equal(shared.at(ask("/a?limit=1"), 0), undefined);
  assert.equal(shared.at(new Request("http://other/a"), 0), undefined, "another host");
  assert.equal(shared.at(ask("/a"), SHARED_MS_MAX), undefined);
  assert.equal(shared.sizeBytes, 0);
});

Deno.test("X04 what changes something, fails, has no tag or is too large is not shared", async () => {
  const shared = new SharedAnswers();
  const others: (readonly [Request, Response])[] = [
    [new Request("http://n/a", { method: "POST" }), answer("one")],
    [ask("/b"), new Response("no", { status: 404, headers: { etag: '"no"' } })],
    [ask("/c"), new Response("untagged")],
    [ask("/d"), answer("x".repeat(SHARED_SIZE_BYTES_MAX + 1))],
  ];
  for (const [request, response] of others) {
    const sizeBytes = (await (await shared.keep(request, response, 0)).text()).length;
    assert(sizeBytes > 0);
    assert.equal(shared.at(ask(new URL(request.url).pathname), 0), undefined, request.url);
  }
  assert.equal(shared.sizeBytes, 0);
});

Deno.test("X04 sixteen answers are shared, of 4 MiB together: the oldest goes", async () => {
  const shared = new SharedAnswers();
  assert.deepEqual([SHARED_ANSWERS_MAX, SHARED_SIZE_BYTES_MAX], [16, 4 << 20]);
  for (let index = 0; index <= 16; index++) {
    await shared.keep(ask(`/${index}`), answer("x"), 0);
    if (index === 15) assert(shared.at(ask("/0"), 0) !== undefined);
  }
  assert.equal(shared.at(ask("/0"), 0), undefined);
  assert(shared.at(ask("/1"), 0) !== undefined);
  const large = "x".repeat(1 << 20);
  for (let index = 0; index < 5; index++) await shared.keep(ask(`/l${index}`), answer(large), 0);
  assert.equal(shared.at(ask("/16"), 0), undefined);
  assert.equal(shared.at(ask("/l0"), 0), undefined);
  assert(shared.at(ask("/l1"), 0) !== undefined);
  assert.equal(shared.sizeBytes, 4 << 20);
  await shared.keep(ask("/l4"), answer("small"), 0);
  assert.equal(shared.sizeBytes, (3 << 20) + 5);
});
