/**
 * `noobcash cluster control`: breaks and mends a cluster that runs on this machine.
 *
 * Finds it by the file that it left for its owner. Every order is also one of the page's, and shows there.
 *
 * @module
 */
import { Argument, Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { Command as PlainCommand, Option as PlainOption } from "commander";
import {
  type ControlError,
  type ControlStatus,
  createControlClient,
} from "../control/control_client.ts";
import { findControlFile } from "../control/control_file.ts";
import { NODE_ORDERS, type NodeOrder, type Order, skewText } from "../control/order.ts";
import { writeRecording } from "../control/write_recording.ts";
import { selfName } from "../terminal/self_command.ts";
import { ok, type Result } from "../result.ts";
import { EXIT_CODES } from "../terminal/fail_command.ts";
import { wholeNumber } from "../terminal/option_values.ts";
import { durationMs, formatHashRate, hashRate, share } from "../terminal/quantities.ts";

type Client = ReturnType<typeof createControlClient>;

const ORDER_TEXTS: Readonly<Record<NodeOrder, string>> = {
  kill: "kill -9 these nodes",
  restart: "start killed nodes again, on their data",
  freeze: "stop their processes where they stand (SIGSTOP)",
  continue: "let frozen processes go on (SIGCONT)",
  pause: "pause their mining",
  resume: "let them mine again",
  withhold: "let them keep their own blocks to themselves",
  release: "let them tell what they kept",
  mine: "mine a block now, without waiting for it to fill",
};

export function clusterControlCommand(): Command {
  const command = new Command("control")
    .description("break and mend a cluster that runs on this machine");
  const subcommands: unknown[] = [
    new Command("status").description("its nodes, and what is wrong with them on purpose")
      .action((_options, command) =>
        runControl(command, async (client) => {
          const status = await client.status();
          return status.ok ? ok({ json: status.value, text: statusText(status.value) }) : status;
        })
      ),
    new Command("open").description("print a new link to its control room")
      .action((_options, command) =>
        runControl(command, async (client, url) => {
          const opened = await client.open();
          if (!opened.ok) return opened;
          const link = `${url}/#open=${opened.value.code}`;
          return ok({ json: { link }, text: link });
        })
      ),
    new Command("partition")
      .description("cut the network into groups; nodes that are not named make one more")
      .argument("<groups>", "as in 0,1/2,3,4", nodeGroups)
      .action((groups, _options, command) => give(command, { kind: "partition", groups })),
    new Command("heal").description("mend all links")
      .action((_options, command) => give(command, { kind: "heal" })),
    new Command("link")
      .description("make a link slow or lossy, or cut it; nothing given: as it should be")
      .argument("<from>", "node id, or all", nodeOrAll)
      .argument("<to>", "node id, or all", nodeOrAll)
      .option("--latency <duration>", "messages leave so much later", durationMs, 0)
      .option("--loss <share>", "messages that never arrive, as in 5%", share, 0)
      .option("--cut", "nothing gets through", false)
      .option("--one-way", "this direction alone", false)
      .action((from, to, { latency, loss, cut, oneWay }, command) =>
        give(command, {
          kind: "link",
          from: from.node,
          to: to.node,
          isBoth: !oneWay,
          isCut: cut,
          latencyMs: latency,
          loss,
        })
      ),
    ...NODE_ORDERS.map((order) =>
      new Command(order).description(ORDER_TEXTS[order])
        .argument("<nodes>", "ids, as in 1 or 0,3", nodeIds)
        .action((nodes, _options, command) => give(command, { kind: "node", order, nodes }))
    ),
    new Command("limit").description("let nodes mine no faster")
      .argument("<nodes>", "ids, as in 1 or 0,3", nodeIds)
      .argument("<rate>", "as in 50kH/s, or none", rateOrNone)
      .action((nodes, rate, _options, command) =>
        give(command, { kind: "limit", nodes, hashRate: rate.hashRate })
      ),
    new Command("skew").description("set nodes' clocks off by that much")
      .argument("<nodes>", "ids, as in 1 or 0,3", nodeIds)
      .argument("<duration>", "as in 30s or -2min", signedDuration)
      // A duration that begins with a minus is no option.
      .allowUnknownOption()
      .action((nodes, skewMs, _options, command) => give(command, { kind: "skew", nodes, skewMs })),
    new Command("pay").description("pay from a node's wallet")
      .argument("<from>", "node id", wholeNumber(0))
      .argument("<to>", "node id or address")
      .argument("<amount>", "whole NBC", wholeNumber(1))
      .action((from, to, amount, _options, command) =>
        runControl(command, async (client) => {
          const paid = await client.pay({ from, to, amount });
          return paid.ok ? ok({ json: paid.value, text: `Accepted: ${paid.value.txid}` }) : paid;
        })
      ),
    recordCommand(),
    new Command("bookmark").description("mark this moment in the control room and its recording")
      .argument("<text>")
      .action((text, _options, command) =>
        runControl(command, async (client) => {
          const done = await client.bookmark(text);
          return done.ok ? ok({ json: done.value, text: "Done" }) : done;
        })
      ),
  ];
  for (const option of sharedOptions()) command.addOption(option);
  for (const each of subcommands) {
    const subcommand = each as PlainCommand;
    for (const option of sharedOptions()) subcommand.addOption(option.hideHelp() as PlainOption);
    (command as unknown as PlainCommand).addCommand(subcommand);
  }
  return command as unknown as Command;
}

/** Every order takes them, before its name or behind it. */
function sharedOptions(): Option[] {
  return [
    new Option("--cluster <pid>", "which cluster, when there are several")
      .argParser(wholeNumber(1)),
    new Option("--control-file <file>", "the file that it left"),
    new Option("--json", "print one JSON object").default(false),
  ] as unknown as Option[];
}

const RECORD_ACTIONS = ["start", "stop", "save"] as const;

/** Begins and ends a recording of a cluster that runs, as its page does. */
function recordCommand(): unknown {
  return new Command("record")
    .description("record what happens from now on; noobcash play shows it again")
    .addArgument(
      new Argument("<action>", "start, stop, or save what there is").choices(RECORD_ACTIONS),
    )
    .argument("[file]", "stop and save: write the recording there")
    .action((action, file, _options, command) =>
      runControl(command, async (client) => {
        if (action === "save" && file === undefined) {
          return usage("Cannot save the recording: name a file to write");
        }
        if (action === "start" && file !== undefined) {
          return usage("Cannot start a recording into a file: name it when you stop or save");
        }
        if (action === "start") {
          const status = await client.startRecording();
          return status.ok ? ok({ json: status.value, text: "Recording" }) : status;
        }
        const status = action === "stop" ? await client.stopRecording() : await client.status();
        if (!status.ok) return status;
        if (file === undefined) return ok({ json: status.value, text: "Stopped" });
        const bytes = await client.recording();
        if (!bytes.ok) return bytes;
        const written = await writeRecording(file, bytes.value);
        if (!written.ok) return { ok: false, error: { kind: "refused", ...written.error } };
        return ok({
          json: { file, sizeBytes: bytes.value.length },
          text: `Recorded: ${file} (${selfName()} play ${file})`,
        });
      })
    );
}

function usage(message: string): Result<never, ControlError> {
  return { ok: false, error: { kind: "usage", code: "usage", message } };
}

function give(command: unknown, order: Order): Promise<void> {
  return runControl(command, async (client) => {
    const done = await client.order(order);
    return done.ok ? ok({ json: done.value, text: `Done: ${done.value.done}` }) : done;
  });
}

interface ControlOutput {
  readonly json: unknown;
  readonly text: string;
}

/** Finds the cluster, does one thing, and ends as its result says. */
async function runControl(
  command: unknown,
  act: (client: Client, url: string) => Promise<Result<ControlOutput, ControlError>>,
): Promise<void> {
  const options = optionsOf(command as PlainCommand);
  const control = findControlFile({ pid: options.cluster, file: options.controlFile });
  const result: Result<ControlOutput, ControlError> = control.ok
    ? await act(createControlClient(control.value), control.value.url)
    : { ok: false, error: { kind: "unreachable", ...control.error } };
  if (result.ok) {
    console.log(options.json ? JSON.stringify(result.value.json) : result.value.text);
    return;
  }
  const { kind, code, message } = result.error;
  if (options.json) console.log(JSON.stringify({ error: { code, message, evidence: {} } }));
  else console.error(kind === "refused" ? `${message} (${code})` : message);
  Deno.exitCode = kind === "refused"
    ? EXIT_CODES.refused
    : kind === "usage"
    ? EXIT_CODES.usage
    : kind === "unreachable"
    ? EXIT_CODES.unreachable
    : EXIT_CODES.internal;
}

/** Options count before and after the order's name; `cluster` has some of the same names. */
function optionsOf(command: PlainCommand) {
  const option = <T>(name: string): T | undefined => {
    let found: T | undefined;
    for (let each: PlainCommand | null = command; each !== null; each = each.parent) {
      const value = each.getOptionValue(name) as T | undefined;
      if (value !== undefined && value !== false) found ??= value;
    }
    return found;
  };
  return {
    cluster: option<number>("cluster"),
    controlFile: option<string>("controlFile"),
    json: option<boolean>("json") ?? false,
  };
}

function statusText({ nodes, links }: ControlStatus): string {
  const rows = nodes.map(({ id, run, height, tip, faults }) => {
    const wrong = [
      ...(faults.isMiningPaused ? ["mining paused"] : []),
      ...(faults.hashRateLimit === null ? [] : [`limit ${formatHashRate(faults.hashRateLimit)}`]),
      ...(faults.clockSkewMs === 0 ? [] : [`clock ${skewText(faults.clockSkewMs)}`]),
      ...(faults.isWithholding ? ["withholds"] : []),
    ].join(", ");
    return `  ${String(id).padStart(3)}  ${run.padEnd(8)}  ${String(height ?? "-").padStart(7)}  ${
      (tip ?? "-").slice(0, 12).padEnd(12)
    }  ${wrong}`.trimEnd();
  });
  const faulty = links.map(({ from, to, isCut, latencyMs, loss }) =>
    `  ${from} -> ${to}  ${
      isCut ? "cut" : `${latencyMs} ms, ${Number((100 * loss).toFixed(2))}% lost`
    }`
  );
  return ["  Node  State      Height  Tip", ...rows, ...(faulty.length > 0 ? ["", ...faulty] : [])]
    .join("\n");
}

function nodeIds(text: string): number[] {
  const ids = text.split(",").map((part) => part.trim().replace(/^id/, ""));
  if (ids.every((id) => /^\d{1,5}$/.test(id))) return ids.map(Number);
  throw new InvalidArgumentError(`got "${text}", wanted node ids such as 1 or 0,3`);
}

function nodeGroups(text: string): number[][] {
  return text.split("/").map((part) => {
    if (part.trim() === "") {
      throw new InvalidArgumentError(`got "${text}", wanted groups such as 0,1/2,3,4`);
    }
    return nodeIds(part);
  });
}

function nodeOrAll(text: string): { readonly node: number | null } {
  return { node: text === "all" ? null : wholeNumber(0, 100_000)(text.replace(/^id/, "")) };
}

function rateOrNone(text: string): { readonly hashRate: number | null } {
  return { hashRate: text === "none" ? null : hashRate(text) };
}

function signedDuration(text: string): number {
  const [, sign = "", size = ""] = /^([+-]?)(.*)$/.exec(text) ?? [];
  return (sign === "-" ? -1 : 1) * durationMs(size);
}
