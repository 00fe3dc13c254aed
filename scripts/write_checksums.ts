/**
 * Writes `SHA256SUMS` beside what was built, in the form that `sha256sum -c` reads.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";

const FILE_NAME = "SHA256SUMS";

/** Lists every executable of a folder with its SHA-256. */
export async function writeChecksums(folder: string): Promise<void> {
  const names = (await Array.fromAsync(Deno.readDir(folder)))
    .filter((entry) => entry.isFile && /^noobcash[^/]*$/.test(entry.name))
    .filter((entry) => !entry.name.endsWith(".part"))
    .map((entry) => entry.name)
    .sort();

  const lines = await Promise.all(names.map(async (name) => {
    const bytes = await Deno.readFile(join(folder, name));
    return `${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`;
  }));
  await Deno.writeTextFile(join(folder, FILE_NAME), lines.join(""));
}
