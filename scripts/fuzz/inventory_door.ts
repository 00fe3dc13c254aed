/**
 * Inventories of a fleet, read by the scripts' shell: they are taken or refused with a line, and no word of
 * them is ever run.
 *
 * @module
 */
import { join } from "node:path";
import { utf8Bytes } from "../../lib/bytes.ts";
import { invariant } from "../../lib/result.ts";
import type { Door } from "./doors.ts";

const SCRIPT = new URL("../status.sh", import.meta.url).pathname;
const SIZE_BYTES_MAX = 4_096;

export function inventoryDoor(folder: string): Door {
  const work = join(folder, "inventories");
  Deno.mkdirSync(work);
  const path = join(work, "hosts.txt");
  const touch = "$(touch${IFS}ran) `touch ran` ; touch ran";
  return {
    name: "inventories",
    corpus: [
      "vm1 10.0.0.1 root 5000,5001\nvm2 fd00::2 student 5000\n",
      "# machines\r\n\r\nvm-1.lab\tlab.example.org  user 5000\r\n",
      `vm1 ${touch} root 5000\n${touch} 10.0.0.2 root 1,2\n`,
    ].map(utf8Bytes),
    turn: 5,
    async take(input) {
      Deno.writeFileSync(path, input.subarray(0, SIZE_BYTES_MAX));
      const { code, stderr } = await new Deno.Command("sh", {
        args: [SCRIPT, "--inventory", path, "--dry-run"],
        cwd: work,
        stdin: "null",
        stdout: "null",
      }).output();
      invariant(code === 0 || code === 2, `Taken or refused: got exit code ${code}`);
      const said = new TextDecoder().decode(stderr);
      if (code === 2) invariant(/Cannot /.test(said), `A refusal says why: ${said}`);
      const left = [...Deno.readDirSync(work)].map(({ name }) => name);
      invariant(left.join() === "hosts.txt", `No word is run: got ${left.join()}`);
    },
  };
}
