/** The rules of length: a function and a file at their bound pass, one line more does not. */
import assert from "node:assert/strict";
import plugin, { FILE_LINES_MAX, FUNCTION_LINES_MAX } from "./lint_lengths.ts";

/** Not in the types that the program is checked against. */
const { lint } = Deno as unknown as {
  readonly lint: {
    runPlugin(use: typeof plugin, name: string, text: string): readonly { readonly id: string }[];
  };
};

function problemsOf(name: string, text: string): readonly string[] {
  return lint.runPlugin(plugin, name, text).map(({ id }) => id);
}

function functionOf(lines: number): string {
  return `function long() {\n${"  void 0;\n".repeat(lines - 2)}}\n`;
}

Deno.test("a function of one line more than allowed is named, whatever its form", () => {
  assert.deepEqual(problemsOf("a.ts", functionOf(FUNCTION_LINES_MAX)), []);
  const long = functionOf(FUNCTION_LINES_MAX + 1);
  assert.deepEqual(problemsOf("a.ts", long), ["house/function-length"]);
  assert.deepEqual(problemsOf("a.tsx", `const a = ${long}`), ["house/function-length"]);
  const arrow = long.replace("function long() {", "const long = () => {");
  assert.deepEqual(problemsOf("a.ts", arrow), ["house/function-length"]);
});

Deno.test("a file of one line more than allowed is named; tests may be as long as they are", () => {
  assert.deepEqual(problemsOf("a.ts", "void 0;\n".repeat(FILE_LINES_MAX)), []);
  const long = "void 0;\n".repeat(FILE_LINES_MAX + 1);
  assert.deepEqual(problemsOf("a.ts", long), ["house/file-length"]);
  assert.deepEqual(problemsOf("a_test.ts", long + functionOf(FUNCTION_LINES_MAX + 1)), []);
});
