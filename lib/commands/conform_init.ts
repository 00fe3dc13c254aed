/**
 * `noobcash conform init`: asks for what is needed, and writes an adapter to begin with.
 *
 * @module
 */
import { Command, Option } from "@commander-js/extra-typings";
import { basename, resolve } from "node:path";
import { templateAdapter } from "../conform/adapters/template_adapter.ts";
import { noobcashAdapter } from "../conform/adapters/noobcash_adapter.ts";
import { selfName } from "../terminal/self_command.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { decimalNumber, wholeNumber } from "../terminal/option_values.ts";

export function initCommand(): Command {
  return new Command("init")
    .description("write an adapter; asks on a terminal for what is not given")
    .argument("[file]", "the adapter to write", "adapter.yaml")
    .option("--name <name>", "what the implementation is called")
    .option("--project <folder>", "its folder", ".")
    .option(
      "--command <words>",
      'how a node starts, as in "python3 main.py -p {{port}}"; -b is for node 0',
    )
    .addOption(
      new Option("--endpoints <kind>", "what is filled in").choices(
        ["blank", "reference", "noobcash"] as const,
      ).default("blank" as const),
    )
    .option("--capacity <count>", "the one capacity that it has", wholeNumber(1, 1000))
    .option(
      "--difficulty <zeros>",
      "hex zeros with which a block takes about a second",
      decimalNumber(0, 16),
      4,
    )
    .action(async (file, options) => {
      const interactive = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
      let { name, command } = options;
      if (options.endpoints !== "noobcash" && interactive) {
        const asked = await ask({ name, command, project: options.project });
        if (asked === undefined) return;
        ({ name, command } = asked);
      }
      name ??= basename(resolve(options.project)).replaceAll(/[^A-Za-z0-9._-]/g, "-");
      if (options.endpoints !== "noobcash" && (command ?? "").trim() === "") {
        return failCommand(
          "usage",
          'Cannot write an adapter: it needs --command, as in "python3 main.py -p {{port}}"',
        );
      }
      const text = options.endpoints === "noobcash" ? noobcashAdapter() : templateAdapter({
        name,
        project: options.project,
        command: command as string,
        capacity: options.capacity ?? "any",
        difficulty: options.difficulty,
        endpoints: options.endpoints,
      });
      try {
        Deno.writeTextFileSync(file, text, { createNew: true });
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const why = error instanceof Deno.errors.AlreadyExists
          ? "a file that is there, wanted another name"
          : `${error.name}, wanted a name in a folder that is there`;
        return failCommand("usage", `Cannot write "${file}": got ${why}`);
      }
      console.log(
        `${file} written. Fill in how it talks, then: ${selfName()} conform check-adapter ${file}`,
      );
    }) as unknown as Command;
}

async function ask(
  known: {
    readonly name: string | undefined;
    readonly command: string | undefined;
    readonly project: string;
  },
): Promise<
  { readonly name: string | undefined; readonly command: string | undefined } | undefined
> {
  const { isCancel, text } = await import("@clack/prompts");
  const name = known.name ??
    await text({
      message: "What is it called?",
      placeholder: "team-07",
      defaultValue: "implementation",
    });
  if (isCancel(name)) return undefined;
  const command = known.command ?? await text({
    message:
      "How does a node start? {{port}}, {{nodes}}, {{capacity}}, {{bootstrapPort}} are filled in; -b is for node 0",
    placeholder: "python3 main.py -p {{port}} -n {{nodes}} -c {{capacity}} -b",
    validate: (value) =>
      value === undefined || value.trim() === "" ? "It needs a command" : undefined,
  });
  if (isCancel(command)) return undefined;
  return { name, command };
}
