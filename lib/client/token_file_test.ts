import assert from "node:assert/strict";
import { join } from "node:path";
import { findToken } from "./token_file.ts";

Deno.test("P02 a token that nobody named goes to this machine only", () => {
  const folder = Deno.makeTempDirSync();
  const before = Deno.cwd();
  Deno.mkdirSync(join(folder, "noobcash-data", "node-5000"), { recursive: true });
  const tokenFile = join(folder, "noobcash-data", "node-5000", "token");
  Deno.writeTextFileSync(tokenFile, "a-secret\n");
  Deno.chdir(folder);
  try {
    const tokenAt = (host: string) => findToken({ host, port: 5000 }).token;
    for (const host of ["127.0.0.1", "127.8.0.1", "localhost", "::1"]) {
      assert.equal(tokenAt(host), "a-secret", host);
    }
    for (const { address } of Deno.networkInterfaces()) assert.equal(tokenAt(address), "a-secret");
    for (const host of ["203.0.113.7", "node7.example", "127.0.0.1.example", "2001:db8::1"]) {
      assert.equal(tokenAt(host), undefined, host);
      assert.equal(findToken({ host, port: 5000, tokenFile }).token, "a-secret");
    }
  } finally {
    Deno.chdir(before);
    Deno.removeSync(folder, { recursive: true });
  }
});
