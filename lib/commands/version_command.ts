/**
 * `noobcash version`: which program this is.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { programVersion, versionLine } from "../terminal/version.ts";

export function versionCommand(): Command {
  const command = new Command("version")
    .description("tell version, commit, Deno version and mining kernel")
    .option("--json", "print one JSON object", false)
    .action(async ({ json }) => {
      console.log(json ? JSON.stringify(await programVersion()) : await versionLine());
    });
  return command as unknown as Command;
}
