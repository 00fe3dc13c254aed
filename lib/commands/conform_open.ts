/**
 * What every command needs before it starts an implementation: its adapter, and a sandbox.
 *
 * Whatever is missing is said here; the answer is then nothing.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import type { Adapter } from "../conform/adapter_schema.ts";
import { noobcashAdapter } from "../conform/adapters/noobcash_adapter.ts";
import { describeProblem, readAdapter } from "../conform/read_adapter.ts";
import { findSandbox, type SandboxMode, whyUnable } from "../conform/sandbox.ts";
import { failCommand } from "../terminal/fail_command.ts";

/** Reads the adapter; says what is wrong with it, line by line. */
export function openAdapter(
  file: string | undefined,
): { adapter: Adapter; home: string; text: string } | undefined {
  if (file === undefined) {
    failCommand(
      "usage",
      'Cannot grade: it needs --adapter FILE ("noobcash conform init" makes one)',
    );
    return undefined;
  }
  let text: string;
  try {
    text = file === "noobcash" ? noobcashAdapter() : Deno.readTextFileSync(file);
  } catch (error) {
    if (
      !(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.IsADirectory ||
        error instanceof Deno.errors.PermissionDenied)
    ) throw error;
    failCommand(
      "usage",
      `Cannot read the adapter "${file}": got ${error.name}, wanted a YAML file`,
    );
    return undefined;
  }
  const read = readAdapter(text);
  if (!read.ok) {
    failCommand("usage", read.error.map((problem) => describeProblem(file, problem)).join("\n"));
    return undefined;
  }
  return { adapter: read.value, home: file === "noobcash" ? "/" : dirname(resolve(file)), text };
}

/** The sandbox that can be had; without one, only who says so goes on. */
export async function sandboxOf(isUnsafe: boolean): Promise<SandboxMode | undefined> {
  const unable = await whyUnable();
  if (unable !== undefined) {
    failCommand("refused", `Cannot grade on this machine: ${unable}`);
    return undefined;
  }
  const { mode, missing } = await findSandbox();
  if (mode !== "none") return mode;
  if (isUnsafe) {
    console.error(`No sandbox: cannot have ${missing}. Strangers' code runs with your rights.`);
    return mode;
  }
  failCommand(
    "refused",
    `Cannot sandbox strangers' code: cannot have ${missing}. --unsafe runs it with your rights`,
  );
  return undefined;
}
