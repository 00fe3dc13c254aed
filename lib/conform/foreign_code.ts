/**
 * Bytes that run code in a reader which trusts what it is sent: pickles, evaluated text, objects that name
 * a function. When it runs, each only writes a marker file into the node's folder.
 *
 * @module
 */

/** What is sent, and how it is called on the score sheet. */
export interface ForeignCode {
  readonly name: string;
  readonly contentType: string;
  readonly body: string;
  /** The file that exists once the code has run. */
  readonly marker: string;
}

/** @param folder a folder that the node may write to */
export function foreignCode(folder: string): readonly ForeignCode[] {
  const made = (
    name: string,
    contentType: string,
    body: (marker: string) => string,
  ): ForeignCode => {
    const marker = `${folder}/foreign-code-${name}`;
    return { name, contentType, body: body(marker), marker };
  };
  const reduce = (marker: string) => ({
    "py/reduce": [{ "py/function": "os.system" }, { "py/tuple": [`touch ${marker}`] }],
  });
  return [
    made("pickle", "application/octet-stream", (m) => `cos\nsystem\n(S'touch ${m}'\ntR.`),
    made("jsonpickle", "application/json", (m) => JSON.stringify(reduce(m))),
    made("jsonpickle-data", "application/json", (m) => JSON.stringify({ data: reduce(m) })),
    made("python", "application/json", (m) => `__import__("os").system("touch ${m}")`),
    made(
      "javascript",
      "application/json",
      (m) =>
        `(globalThis.Deno ? Deno.writeTextFileSync : process.getBuiltinModule("fs").writeFileSync)("${m}", "")`,
    ),
    made("yaml", "application/x-yaml", (m) => `!!python/object/apply:os.system ["touch ${m}"]`),
  ];
}
