/**
 * Every bound in the sources of a room: constants whose names end in `_MAX`, and the rows of tables of
 * limits (`somethingMax: 64`, `messages: { perSecond: 10, burst: 20 }`).
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const CONSTANT =
  /(?:\/\*\* ((?:(?!\*\/)[\s\S])*?)\s*\*\/\n)?(?:export )?const ([A-Z0-9_]+_MAX)\b[^=\n]*=\s*([^;]+);/g;
/** A row of a table of limits; a type's field names a type instead. */
const ROW = /^ +([a-z]\w*Max): ((?:\d|[A-Z]{2}|sealedSizeBytes)[^\n]*?),?$/gm;
const BUCKET = /^ +(\w+): (\{ perSecond: [^\n]*\}),?$/gm;

/** A bound, with what its comment says. */
export interface Bound {
  readonly file: string;
  readonly name: string;
  readonly value: string;
  readonly comment: string;
}

/** The constants of one file that end in `_MAX`. */
export function constantBoundsIn(file: string): Bound[] {
  return Array.from(
    textOf(file).matchAll(CONSTANT),
    ([, comment = "", name = "", value = ""]) => ({ file, name, value, comment }),
  );
}

/** The rows of the tables of limits in one file. */
export function tableBoundsIn(file: string): Bound[] {
  const text = textOf(file);
  return [...text.matchAll(ROW), ...text.matchAll(BUCKET)]
    .map(([, name = "", value = ""]) => ({ file, name, value, comment: "" }));
}

/** The program's own sources in a folder, tests left out. */
export function sourcesOf(folder: string): string[] {
  return filesOf(folder).filter((path) => !path.endsWith("_test.ts"));
}

/** The tests in a folder. */
export function testsOf(folder: string): string[] {
  return filesOf(folder).filter((path) => path.endsWith("_test.ts"));
}

function filesOf(folder: string): string[] {
  const paths: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(join(ROOT, folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...filesOf(path));
    else if (/\.tsx?$/.test(name)) paths.push(path);
  }
  return paths.sort();
}

function textOf(file: string): string {
  return Deno.readTextFileSync(join(ROOT, file));
}
