/**
 * The program: `noobcash <command>`.
 *
 * Each command stands in a file of its own, which is read only when that command is called: a start costs
 * what the command needs and no more. Usage errors end with exit code 2, errors of our own with 4.
 *
 * @module
 */
import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { VERSION } from "./build/build_info.ts";
import { foreignOption, inheritedOptions } from "./lib/terminal/inherited_options.ts";
import { argumentDescription, optionDescription } from "./lib/terminal/option_help.ts";
import { EXIT_CODES } from "./lib/terminal/fail_command.ts";

/** A command of the first level. */
interface Entry {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<Command>;
}

const ENTRIES: readonly Entry[] = [
  {
    name: "node",
    description: "run a node: the bootstrap node of a new network, or one that joins",
    load: async () => (await import("./lib/commands/node_command.ts")).nodeCommand(),
  },
  {
    name: "client",
    description: "talk to a node: pay, look at balances, blocks and the network",
    load: async () => (await import("./cli.ts")).clientCommand(),
  },
  {
    name: "chain",
    description: "verify, export or import a whole chain",
    load: async () => (await import("./lib/commands/chain_command.ts")).chainCommand(),
  },
  {
    name: "wallet",
    description: "make, seal, show or recover a node's key",
    load: async () => (await import("./lib/commands/wallet_command.ts")).walletCommand(),
  },
  {
    name: "cluster",
    description: "start a network of real node processes on this machine",
    load: async () => (await import("./lib/commands/cluster_command.ts")).clusterCommand(),
  },
  {
    name: "demo",
    description: "lessons that run: forks, attacks, partitions on a network of real nodes",
    load: async () => (await import("./lib/commands/demo_command.ts")).demoCommand(),
  },
  {
    name: "play",
    description: "play a recording of a network in the browser",
    load: async () => (await import("./lib/commands/play_command.ts")).playCommand(),
  },
  {
    name: "replay",
    description: "pay a node's file of transactions through it, and measure",
    load: async () => (await import("./lib/commands/replay_command.ts")).replayCommand(),
  },
  {
    name: "experiment",
    description: "measure networks of real processes over a matrix of parameters",
    load: async () => (await import("./lib/commands/experiment_command.ts")).experimentCommand(),
  },
  {
    name: "report",
    description: "render a result folder again, or compare two",
    load: async () => (await import("./lib/commands/report_command.ts")).reportCommand(),
  },
  {
    name: "serve",
    description: "show result folders, plots and recordings in the browser",
    load: async () => (await import("./lib/commands/serve_command.ts")).serveCommand(),
  },
  {
    name: "workload",
    description: "make a workload from a seed, or check one",
    load: async () => (await import("./lib/commands/workload_command.ts")).workloadCommand(),
  },
  {
    name: "hashrate",
    description: "measure the mining kernel on this machine",
    load: async () => (await import("./lib/commands/hashrate_command.ts")).hashrateCommand(),
  },
  {
    name: "conform",
    description: "grade any implementation of the assignment as a black box",
    load: async () => (await import("./lib/commands/conform_command.ts")).conformCommand(),
  },
  {
    name: "simulate",
    description: "run the node in a simulator: find bugs under faults, measure large networks",
    load: async () => (await import("./lib/commands/simulate_command.ts")).simulateCommand(),
  },
  {
    name: "artifact",
    description: "bundle a result so that others can check it, and check such a bundle",
    load: async () => (await import("./lib/commands/artifact_command.ts")).artifactCommand(),
  },
  {
    name: "complete",
    description: "print the completion script of a shell",
    load: async () => (await import("./lib/commands/complete_command.ts")).completeCommand(),
  },
  {
    name: "version",
    description: "tell version, commit, Deno version and mining kernel",
    load: async () => (await import("./lib/commands/version_command.ts")).versionCommand(),
  },
];

await main(Deno.args);

/** Runs the program; sets the exit code. */
async function main(args: readonly string[]): Promise<void> {
  try {
    if (args[0] === "--version" || args[0] === "-V") {
      const { versionLine } = await import("./lib/terminal/version.ts");
      console.log(await versionLine());
      return;
    }
    if (args[0] === "complete" && args[1] === "--") {
      const { answerShell } = await import("./lib/commands/complete_command.ts");
      const answer = await answerShell(args.slice(2), commandTree);
      return void await Deno.stdout.write(new TextEncoder().encode(answer));
    }
    const root = await commandTree(args[0]);
    await root.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      Deno.exitCode = error.exitCode === 0 ? 0 : EXIT_CODES.usage;
    } else {
      console.error(error instanceof Error ? error.stack : error);
      Deno.exitCode = EXIT_CODES.internal;
    }
  }
}

/**
 * Builds the tree with one command whole and the others by name only: enough for help and for "Did you
 * mean". Without a name all of them are whole.
 */
async function commandTree(wanted?: string, whole = false): Promise<Command> {
  const root = new Command("noobcash")
    .description("a proof-of-work blockchain with unspent outputs, from one command")
    .version(VERSION);
  for (const { name, description, load } of ENTRIES) {
    const isWhole = whole || name === wanted;
    root.addCommand(isWhole ? await load() : new Command(name).description(description));
  }
  configure(root as unknown as Command);
  root.hook("preAction", (_root, called) => {
    const foreign = foreignOption(called as unknown as CommandUnknownOpts);
    if (foreign === undefined) return;
    const { flag, owner, called: name } = foreign;
    called.error(`error: option '${flag}' belongs to "${owner}", and "${name}" does not take it`);
  });
  return root as unknown as Command;
}

/** How help and errors look, in the whole tree: commands made elsewhere inherit nothing by themselves. */
function configure(command: Command): void {
  command.configureHelp({
    showGlobalOptions: true,
    visibleGlobalOptions: (command) => inheritedOptions(command as unknown as CommandUnknownOpts),
    optionDescription,
    argumentDescription,
  })
    .showHelpAfterError("(add --help for all options)")
    .exitOverride();
  for (const child of command.commands) configure(child as Command);
}
