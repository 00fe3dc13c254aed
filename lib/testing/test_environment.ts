/**
 * The environment of processes that tests start: this machine's, without what would change what they do.
 *
 * @module
 */

/** Everything that is set here but options of the program and a wish for colours, and what a test adds. */
export function testEnvironment(
  added: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !name.startsWith("NOOBCASH_") && name !== "FORCE_COLOR");
  return { ...Object.fromEntries(inherited), NO_COLOR: "1", ...added };
}
