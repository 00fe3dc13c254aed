import assert from "node:assert/strict";
import { join } from "node:path";
import { testEnvironment } from "../testing/test_environment.ts";
import { openSealedKey, parseKeyFile, sealedKeyText } from "../store/key_file.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { withNodeProcesses } from "../testing/spawned_node.ts";
import { utf8Bytes } from "../bytes.ts";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

async function wallet(
  args: readonly string[],
  { env = {}, stdin = "" }: { readonly env?: Record<string, string>; readonly stdin?: string } = {},
) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSION_FLAGS, "--quiet", "--no-check", MAIN, "wallet", ...args, "--json"],
    env: testEnvironment(env),
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout);
  return {
    code,
    json: text === "" ? {} : JSON.parse(text),
    stderr: new TextDecoder().decode(stderr),
  };
}

Deno.test("wallet: a key is made, sealed, changed, opened and recovered; a node takes it sealed", async () => {
  await withNodeProcesses(async (processes) => {
    const dataDir = join(processes.folder, "node-0");
    const at = ["--data-dir", dataDir];
    const made = await wallet(["new", ...at]);
    assert.equal(made.code, 0, made.stderr);
    const { words, publicKey } = made.json;
    assert.equal(words.split(" ").length, 24);
    assert.equal((await wallet(["new", ...at])).code, 1, "never over a key that is there");

    const first = { NOOBCASH_NEW_PASSPHRASE: "correct horse" };
    assert.equal(
      (await wallet(["encrypt", ...at], { env: { NOOBCASH_NEW_PASSPHRASE: "short" } })).code,
      2,
    );
    assert.equal((await wallet(["encrypt", ...at], { env: first })).code, 0);
    const text = await Deno.readTextFile(join(dataDir, "key"));
    assert.equal(parseKeyFile(text)?.kind, "sealed");
    assert.equal((await Deno.stat(join(dataDir, "key"))).mode! & 0o777, 0o600);

    const wrong = await wallet(["show", "--words", ...at], {
      env: { NOOBCASH_PASSPHRASE: "wrong horse" },
    });
    assert.deepEqual([wrong.code, wrong.json.error.code], [1, "passphrase-wrong"]);
    const second = await wallet(["change-passphrase", ...at], {
      env: { NOOBCASH_PASSPHRASE: "correct horse", NOOBCASH_NEW_PASSPHRASE: "battery staple" },
    });
    assert.equal(second.code, 0, second.stderr);

    // The node wants the passphrase, and takes it from a file; without one it says so in one line.
    const founding = ["-b", "-n", "1"];
    const refused = await processes.start("node-0", founding).exited;
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /passphrase/);
    const file = join(processes.folder, "passphrase");
    await Deno.writeTextFile(file, "battery staple\n", { mode: 0o600 });
    const node = await processes.start("node-0", [...founding, "--passphrase-file", file]).ready();
    assert.equal(node.lines[0]?.publicKey, publicKey);
    assert(!node.stderr.includes("staple"));
    assert.equal(
      (await wallet(["decrypt", ...at], { env: { NOOBCASH_PASSPHRASE: "battery staple" } })).code,
      1,
      "a folder in use is left alone",
    );
    await node.stop();
    const mistaken = await processes.start("node-0", founding, { NOOBCASH_PASSPHRASE: "no" })
      .exited;
    assert.equal(mistaken.code, 1);

    assert.equal(
      (await wallet(["decrypt", ...at], { env: { NOOBCASH_PASSPHRASE: "battery staple" } })).code,
      0,
    );
    const shown = await wallet(["show", "--words", ...at]);
    assert.equal(shown.json.words, words);

    const again = ["--data-dir", join(processes.folder, "again")];
    // The last word holds the checksum: two words that differ in one bit of it cannot both be right.
    const last = wordlist.indexOf(words.split(" ").at(-1) ?? "");
    const spoilt = [...words.split(" ").slice(0, -1), wordlist[last ^ 1]].join(" ");
    assert.equal((await wallet(["recover", ...again], { stdin: spoilt })).code, 2);
    const recovered = await wallet(["recover", ...again], { stdin: words.toUpperCase() });
    assert.equal(recovered.json.publicKey, publicKey);
  });
});

Deno.test("a sealed key: every changed character is refused, and a wrong passphrase takes as long", () => {
  const seed = new Uint8Array(32).fill(7);
  const text = sealedKeyText(
    seed,
    utf8Bytes("correct horse"),
    (size) => new Uint8Array(size).fill(1),
  );
  const file = parseKeyFile(text);
  assert(file?.kind === "sealed");
  const timed = (passphrase: string) => {
    const startMs = performance.now();
    const opened = openSealedKey(file, utf8Bytes(passphrase));
    return { opened, tookMs: performance.now() - startMs };
  };
  // The least of each: what others take of the machine falls out, what a passphrase takes does not.
  const leastMs = { right: Infinity, wrong: Infinity };
  const isAlike = () => leastMs.wrong > leastMs.right / 4 && leastMs.wrong < leastMs.right * 4;
  for (let attempt = 0; attempt < 4 && !isAlike(); attempt++) {
    const [right, wrong] = [timed("correct horse"), timed("correct hors")];
    assert.deepEqual(right.opened, { ok: true, value: seed });
    assert.deepEqual(wrong.opened, { ok: false, error: "passphrase-wrong" });
    leastMs.right = Math.min(leastMs.right, right.tookMs);
    leastMs.wrong = Math.min(leastMs.wrong, wrong.tookMs);
  }
  assert(isAlike(), JSON.stringify(leastMs));

  // Another key's name, a spoilt tag: the passphrase does not open that.
  const other = { ...file, publicKey: numberedKeyPair(1).publicKey };
  assert.equal(openSealedKey(other, utf8Bytes("correct horse")).ok, false);
  const bytes = file.sealed.bytes.slice();
  bytes[40]! ^= 1;
  const spoilt = { ...file, sealed: { ...file.sealed, bytes } };
  assert.equal(openSealedKey(spoilt, utf8Bytes("correct horse")).ok, false);
  // What would take all of a machine is no key.
  assert.equal(parseKeyFile(text.replace('"n":65536', '"n":1073741824')), undefined);
  const passphrase = utf8Bytes("correct horse");
  openSealedKey(file, passphrase);
  assert(passphrase.every((byte) => byte === 0), "a passphrase is wiped");
});
