/**
 * A program to pack in tests: small, but with what is hard to pack, a mining thread and its kernel.
 *
 * Prints one line of JSON; then, as its argument says, ends with a code (`exit 3`), waits for a signal
 * (`wait`), or starts itself (`child`).
 *
 * @module
 */
import { startMiner } from "../../lib/miner/miner.ts";

const solved = Promise.withResolvers<number>();
const miner = await startMiner({ threads: 1, onSolved: ({ nonce }) => solved.resolve(nonce) });
miner.mine({ id: 1, header: new Uint8Array(116), target: 2n ** 240n });
const nonce = await solved.promise;
await miner.close();

const [order, ...rest] = Deno.args;
const self = Deno.env.get("NOOBCASH_SELF");
console.log(JSON.stringify({ nonce, args: Deno.args, execPath: Deno.execPath(), pid: Deno.pid }));

switch (order) {
  case "exit":
    Deno.exit(Number(rest[0]));
    break;
  case "wait":
    Deno.addSignalListener("SIGTERM", () => Deno.exit(7));
    setInterval(() => {}, 1_000);
    console.log("waiting");
    break;
  case "child":
    await new Deno.Command(self ?? "", { args: ["grown"], stdout: "inherit" }).spawn().status;
    break;
}
