/**
 * Loads one's own strategy from a file: code that runs as a part of this program, with all that the
 * program may do.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { extname, join, resolve } from "node:path";
import type { Strategy } from "../attack/strategy.ts";
import { sha256Hex } from "../crypto/hash.ts";
import { err, ok, type Result } from "../result.ts";

export interface StrategyError {
  readonly code: "strategy-unreadable";
  readonly message: string;
}

/** Where a strategy's file is, as something that can be imported, and the hash of what is in it. */
export interface StrategyFile {
  readonly url: string;
  readonly sha256: string;
}

export function findStrategy(path: string): Result<StrategyFile, StrategyError> {
  try {
    const bytes = Deno.readFileSync(path);
    return ok({ url: pathToFileURL(resolve(path)).href, sha256: sha256Hex(bytes) });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) && !(error instanceof Deno.errors.IsADirectory)) {
      throw error;
    }
    return unreadable(path, "no file");
  }
}

/** Keeps a copy of one's own strategy in a result folder, so that the result can be made again. */
export function keepStrategy(path: string, folder: string): void {
  Deno.copyFileSync(path, join(folder, `strategy${extname(path)}`));
}

/** The copy that a result folder keeps, if its bytes have that hash. */
export function keptStrategy(folder: string, sha256: string): string | undefined {
  for (const { name, isFile } of Deno.readDirSync(folder)) {
    if (!isFile || !/^strategy\.\w+$/.test(name)) continue;
    const found = findStrategy(join(folder, name));
    if (found.ok && found.value.sha256 === sha256) return join(folder, name);
  }
  return undefined;
}

/** Runs the file. */
export async function loadStrategy(url: string): Promise<Result<Strategy, StrategyError>> {
  let module: { readonly strategy?: Partial<Strategy> };
  try {
    module = await import(url);
  } catch (error) {
    return unreadable(
      url,
      error instanceof Error ? error.message.split("\n")[0] ?? "" : "an error",
    );
  }
  const { strategy } = module;
  return typeof strategy?.name === "string" && typeof strategy.react === "function"
    ? ok(strategy as Strategy)
    : unreadable(url, "no `strategy` with a name and react()");
}

function unreadable(path: string, got: string): Result<never, StrategyError> {
  return err({
    code: "strategy-unreadable",
    message: `Cannot load the strategy "${path}": got ${got}, wanted a file that exports one`,
  });
}
