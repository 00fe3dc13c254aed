/**
 * `noobcash play FILE`: a recording in the browser, as if it happened now.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { EXIT_CODES, failCommand } from "../terminal/fail_command.ts";
import { wholeNumber } from "../terminal/option_values.ts";
import { languageOption } from "../terminal/terminal_language.ts";
import { stopSignals, untilStopped } from "../terminal/stop_signals.ts";

export function playCommand(): Command {
  return new Command("play")
    .description("play a recording of a network in the browser")
    .argument("<file>", "a recording, as cluster --record makes it")
    .option("-p, --port <number>", "listen at this port", wholeNumber(1, 65_535))
    .addOption(languageOption("language of the page").default(undefined, "each browser's own"))
    .option("--html <file>", "write it as one page that needs nothing else, and end")
    .option("--check", "tell whether the file is whole, and end", false)
    .option("--json", "print JSON", false)
    .action(async (file, options) =>
      await play(file, options as PlayOptions)
    ) as unknown as Command;
}

export interface PlayOptions {
  readonly port?: number;
  readonly lang?: string;
  readonly html?: string;
  readonly check?: boolean;
  readonly json: boolean;
}

async function play(file: string, options: PlayOptions): Promise<void> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(file);
  } catch (error) {
    const got = error instanceof Deno.errors.NotFound ? "no such file" : "one that cannot be read";
    return failCommand("usage", `Cannot play "${file}": got ${got}, wanted a recording`);
  }
  await playBytes(bytes, { ...options, name: file });
}

/** Plays a recording that is in memory; ends with Ctrl-C. */
export async function playBytes(
  bytes: Uint8Array<ArrayBuffer>,
  options: PlayOptions & { readonly name: string },
): Promise<void> {
  const [{ decodeRecording }, { openPlayer }] = await Promise.all([
    import("../control/recording.ts"),
    import("../control/open_player.ts"),
  ]);
  const decoded = await decodeRecording(bytes);
  if (!decoded.ok) {
    const { code, line, message } = decoded.error;
    if (options.json) {
      console.log(JSON.stringify({ error: { code, message, evidence: { line } } }));
      Deno.exitCode = EXIT_CODES.refused;
      return;
    }
    return failCommand("refused", `${message} (${code})`);
  }
  const recording = decoded.value;
  const { nodes } = recording.head;
  const seconds = (recording.events[recording.events.length - 1]?.at ?? 0) / 1000;
  const facts = { nodes, events: recording.events.length, seconds, isFull: recording.isFull };
  if (options.check === true) {
    return console.log(
      options.json
        ? JSON.stringify(facts)
        : `A whole recording: ${nodes} nodes, ${facts.events} events, ${seconds.toFixed(1)} s`,
    );
  }
  if (options.html !== undefined) {
    const { sharedPage } = await import("../control/share_page.ts");
    const page = await sharedPage(recording, options.lang);
    if (!page.ok) return failCommand("refused", page.error.message);
    await Deno.writeTextFile(options.html, page.value);
    const size = new TextEncoder().encode(page.value).length;
    return console.log(
      options.json
        ? JSON.stringify({ ...facts, html: options.html, bytes: size })
        : `Wrote "${options.html}": ${(size / 1000).toFixed(0)} kB`,
    );
  }

  const stop = stopSignals();
  let player;
  try {
    player = openPlayer({
      recording,
      bytes,
      ...(options.port !== undefined && { port: options.port }),
      language: options.lang,
      onInternalError: (thrown) => console.error(thrown),
    });
  } catch (error) {
    stop.dispose();
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return failCommand(
      "refused",
      `Cannot open the player: got port ${options.port}, which is in use, wanted a free one`,
    );
  }
  const link = player.createLink();
  console.log(
    options.json
      ? JSON.stringify({ ...facts, link })
      : `Player: ${link}\n  ${nodes} nodes, ${facts.events} events, ${
        seconds.toFixed(1)
      } s. Stop: Ctrl-C`,
  );
  try {
    await untilStopped(stop.signal);
  } finally {
    await player.close();
    stop.dispose();
  }
}
