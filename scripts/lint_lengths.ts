/**
 * Two rules for `deno lint`: how long a function and a file of the program may be.
 *
 * A function should fit a screen. One of more than {@link FUNCTION_LINES_MAX} lines does several things that
 * have names, and so does a file of more than {@link FILE_LINES_MAX}. Tests are excepted: their steps are a
 * list. Where a long one is right, it says why: `// deno-lint-ignore house/function-length -- reason`.
 *
 * Named in `deno.json` (`lint.plugins`).
 *
 * @module
 */

export const FUNCTION_LINES_MAX = 120;
export const FILE_LINES_MAX = 450;

/** The part of Deno's interface for rules that is used here; its own types are not stable yet. */
interface LintPlugin {
  readonly name: string;
  readonly rules: Readonly<
    Record<string, { create(context: LintContext): Record<string, (node: LintNode) => void> }>
  >;
}

interface LintNode {
  readonly range: readonly [from: number, to: number];
}

interface LintContext {
  readonly filename: string;
  readonly sourceCode: { readonly text: string };
  report(
    problem: { readonly node: LintNode; readonly message: string; readonly hint: string },
  ): void;
}

const EXEMPT_PATTERN = /_(?:test|bench)\.tsx?$/;

const plugin: LintPlugin = {
  name: "house",
  rules: {
    "function-length": {
      create(context) {
        if (EXEMPT_PATTERN.test(context.filename)) return {};
        const measure = (node: LintNode) => {
          const lines = lineCount(context.sourceCode.text, node.range);
          if (lines <= FUNCTION_LINES_MAX) return;
          context.report({
            node,
            message: `This function has ${lines} lines, wanted ${FUNCTION_LINES_MAX} at most`,
            hint: "Find a part that has a name, and let it stand by itself",
          });
        };
        return {
          FunctionDeclaration: measure,
          FunctionExpression: measure,
          ArrowFunctionExpression: measure,
        };
      },
    },
    "file-length": {
      create(context) {
        if (EXEMPT_PATTERN.test(context.filename)) return {};
        return {
          Program(node) {
            const { text } = context.sourceCode;
            const lines = lineCount(text, [0, text.length]) - 1;
            if (lines <= FILE_LINES_MAX) return;
            context.report({
              node,
              message: `This file has ${lines} lines, wanted ${FILE_LINES_MAX} at most`,
              hint: "Split it by idea, and name each file after its main export",
            });
          },
        };
      },
    },
  },
};
export default plugin;

/** How many lines a piece of a text begins, ends or is on. */
function lineCount(text: string, [from, to]: LintNode["range"]): number {
  let lines = 1;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) {
    lines++;
  }
  return lines;
}
