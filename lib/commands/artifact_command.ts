/**
 * `noobcash artifact`: bundles a result with everything that it follows from, and checks such a bundle.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { basename } from "node:path";
import { checkArtifact } from "../artifact/check_artifact.ts";
import { programsText, unpackArtifact } from "../artifact/bundle.ts";
import { makeArtifact } from "../artifact/make_artifact.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { wholeNumber } from "../terminal/option_values.ts";
import { createProgressLine, progressBar } from "../terminal/progress_line.ts";
import { share } from "../terminal/quantities.ts";
import { EXIT_CODE_INTERRUPTED, stopSignals } from "../terminal/stop_signals.ts";
import { JOBS_DEFAULT, programName } from "./sweep_options.ts";

export function artifactCommand(): Command {
  const command = new Command("artifact")
    .description("bundle a result so that others can check it, and check such a bundle")
    .addCommand(makeCommand() as unknown as Command)
    .addCommand(checkCommand() as unknown as Command);
  return command as unknown as Command;
}

function makeCommand() {
  return new Command("make")
    .description("bundle a result folder: raw data, plan, seeds, program, machine, commands")
    .argument("<folder>", "of simulate --out, report merge or experiment")
    .requiredOption("-o, --out <file>", "the artifact, as in results.tar.zst")
    .option("--tolerance <share>", "by how much measured figures may be off", share, 0.25)
    .option("--json", "print one JSON object", false)
    .action((folder, { out, tolerance, json }) => {
      const bytes = makeArtifact(folder, { name: basename(out), tolerance });
      if (!bytes.ok) return failCommand("usage", bytes.error.message);
      Deno.writeFileSync(out, bytes.value);
      const sizeBytes = bytes.value.length;
      console.log(json ? JSON.stringify({ out, sizeBytes }) : `${out}: ${sizeBytes} bytes`);
    });
}

function checkCommand() {
  return new Command("check")
    .description("check that an artifact is whole and that its results come out again")
    .argument("<file>", "an artifact")
    .option("--out <folder>", "keep what is made anew there")
    .option(
      "--run-strategy",
      "run the strategy that the artifact brings; its code may do whatever this program may",
      false,
    )
    .option("--jobs <count>", "worker threads", wholeNumber(1, 1024), JOBS_DEFAULT)
    .option("--json", "print one JSON object", false)
    .action(async (file, options) => await check(file, options));
}

async function check(
  file: string,
  { out, jobs, runStrategy, json }: {
    readonly out?: string | undefined;
    readonly jobs: number;
    readonly runStrategy: boolean;
    readonly json: boolean;
  },
): Promise<void> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return failCommand("usage", `Cannot read "${file}": there is no such file`);
  }
  const artifact = unpackArtifact(bytes);
  if (!artifact.ok) {
    const isChanged = artifact.error.code === "artifact-changed";
    return failCommand(isChanged ? "refused" : "usage", artifact.error.message);
  }
  const { manifest } = artifact.value;
  const isOthers = manifest.kind === "simulated" && manifest.program !== programName();
  if (isOthers || manifest.resumedBy !== undefined) {
    console.error(
      `Note: the results were made by ${programsText(manifest)}; this is ${programName()}, ` +
        "which may differ",
    );
  }
  const brings = [...artifact.value.files.keys()].find((path) => /^strategy\.\w+$/.test(path));
  if (brings !== undefined && !runStrategy) {
    return failCommand(
      "usage",
      `Cannot check "${file}": got a strategy of its own, "${brings}", whose code may do whatever ` +
        "this program may, wanted --run-strategy",
    );
  }
  const folder = out ?? Deno.makeTempDirSync({ prefix: "noobcash-artifact-" });
  const progress = createProgressLine();
  const stop = stopSignals();
  try {
    const differences = await checkArtifact(artifact.value, {
      folder,
      jobs,
      runsStrategy: runStrategy,
      signal: stop.signal,
      onProgress: (done, total) =>
        progress.update(`${progressBar(done / total)} ${done} of ${total} runs`),
    });
    progress.clear();
    if (json) console.log(JSON.stringify({ isReproduced: differences.length === 0, differences }));
    if (differences.length > 0) return failCommand("refused", differences.join("\n"));
    if (!json) {
      const how = manifest.kind === "simulated"
        ? "byte for byte"
        : `within ${100 * (manifest.tolerance ?? 0)} %`;
      console.log(`${file}: ${manifest.files.length} files are whole; the results come out ${how}`);
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.error("Stopped");
    Deno.exitCode = EXIT_CODE_INTERRUPTED;
  } finally {
    progress.clear();
    stop.dispose();
    if (out === undefined) Deno.removeSync(folder, { recursive: true });
  }
}
