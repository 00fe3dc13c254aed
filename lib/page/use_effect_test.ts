import assert from "node:assert/strict";
import { join } from "node:path";

const LIB = join(import.meta.dirname as string, "..");

function* sourcesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* sourcesIn(path);
    else if (/\.tsx?$/.test(name)) yield path;
  }
}

Deno.test("no page takes the library's own effects, which may run twice", () => {
  let pages = 0;
  for (const path of sourcesIn(LIB)) {
    const taken = /import \{([^}]*)\} from "hono\/jsx\/dom"/.exec(Deno.readTextFileSync(path))?.[1];
    if (taken === undefined) continue;
    pages++;
    assert(!/\buseEffect\b/.test(taken), path);
  }
  assert(pages > 10);
});
