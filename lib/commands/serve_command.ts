/**
 * `noobcash serve [DIR]`: results of experiments and simulations in the browser, and recordings to play.
 *
 * Listens on loopback alone, until Ctrl-C.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { styleText } from "node:util";
import type { OpenPlayer } from "../control/open_player.ts";
import type { ServePorts } from "../serve/serve_app.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { wholeNumber } from "../terminal/option_values.ts";
import { selfName } from "../terminal/self_command.ts";
import { stopSignals, untilStopped } from "../terminal/stop_signals.ts";
import { languageOption } from "../terminal/terminal_language.ts";
import type { Language } from "../translation.ts";

/** The most recordings that are open at once; the one that was opened first is closed for a new one. */
const PLAYERS_MAX = 8;

export function serveCommand(): Command {
  return new Command("serve")
    .description("show result folders, plots and recordings in the browser")
    .argument("[folder]", "where results lie, at any depth", "results")
    .option("-p, --port <number>", "listen at this port", wholeNumber(1, 65_535))
    .addOption(languageOption().default(undefined, "each browser's own"))
    .option("--json", "print one JSON object: url, folder", false)
    .action(async (folder, options) => await serve(folder, options)) as unknown as Command;
}

async function serve(
  folder: string,
  { port, lang, json }: {
    readonly port?: number | undefined;
    readonly lang?: string | undefined;
    readonly json: boolean;
  },
): Promise<void> {
  let root: string;
  try {
    root = Deno.realPathSync(folder);
    if (!Deno.statSync(root).isDirectory) throw new Deno.errors.NotADirectory();
  } catch {
    return failCommand(
      "usage",
      `Cannot serve "${folder}": there is no such folder, wanted one with results (${selfName()} experiment ` +
        `--preset quick --out ${folder}/quick makes some)`,
    );
  }
  const [{ createServeApp }, players] = [
    await import("../serve/serve_app.ts"),
    createPlayers(lang as Language | undefined),
  ];
  const app = createServeApp({
    root,
    folder,
    language: lang as Language | undefined,
    onInternalError: (thrown) => console.error(thrown),
    play: players.play,
  });
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({ hostname: "127.0.0.1", port: port ?? 0, onListen: () => {} }, app.fetch);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return failCommand(
      "refused",
      `Cannot serve: got port ${port}, which is in use, wanted a free one (--port)`,
    );
  }
  const url = `http://127.0.0.1:${server.addr.port}`;
  console.log(
    json
      ? JSON.stringify({ url, folder: root })
      : `${styleText("bold", `Results of ${folder}:`)} ${url}/\nStop: Ctrl-C`,
  );
  const stop = stopSignals();
  await untilStopped(stop.signal);
  stop.dispose();
  await players.close();
  await server.shutdown();
}

/** Recordings that are open, each on a port of its own. */
function createPlayers(
  language: Language | undefined,
): Pick<ServePorts, "play"> & { close(): Promise<void> } {
  const open = new Map<string, OpenPlayer>();
  return { play, close: async () => void await Promise.all([...open.values()].map(closeOne)) };

  async function play(path: string): ReturnType<ServePorts["play"]> {
    const { mtime, size } = await Deno.stat(path);
    const key = `${path} ${mtime?.getTime()} ${size}`;
    let player = open.get(key);
    if (player === undefined) {
      const [{ decodeRecording, RECORDING_SIZE_MAX }, { openPlayer }] = await Promise.all([
        import("../control/recording.ts"),
        import("../control/open_player.ts"),
      ]);
      if (size > RECORDING_SIZE_MAX) return { ok: false, message: `${size} bytes` };
      const bytes = await Deno.readFile(path);
      const decoded = await decodeRecording(bytes);
      if (!decoded.ok) return { ok: false, message: decoded.error.message };
      player = openPlayer({
        recording: decoded.value,
        bytes,
        language,
        onInternalError: (thrown) => console.error(thrown),
      });
      open.set(key, player);
      const [oldest] = open;
      if (open.size > PLAYERS_MAX && oldest !== undefined) {
        open.delete(oldest[0]);
        void closeOne(oldest[1]);
      }
    }
    return { ok: true, link: player.createLink() };
  }

  async function closeOne(player: OpenPlayer): Promise<void> {
    await player.close();
  }
}
