/**
 * Where a client on the same machine finds a node's token.
 *
 * A node keeps it in the file `token` of its data folder, by default `noobcash-data/node-<port>` under
 * the working folder. Reading the API needs no token; a client without one is refused only when it
 * spends.
 *
 * @module
 */
import { join } from "node:path";

/** Where a node keeps its data when nobody says. */
export function defaultDataFolder(port: number): string {
  return join("noobcash-data", `node-${port}`);
}

/** Reads the token from where the user says, else from the default data folder of the port. */
export function findToken(
  { tokenFile, dataDir, port }: {
    readonly tokenFile?: string | undefined;
    readonly dataDir?: string | undefined;
    readonly port: number;
  },
): { readonly path: string; readonly token: string | undefined } {
  const path = tokenFile ?? join(dataDir ?? defaultDataFolder(port), "token");
  return { path, token: readTokenText(path) };
}

function readTokenText(path: string): string | undefined {
  try {
    const token = Deno.readTextFileSync(path).trim();
    return /^[\x21-\x7e]+$/.test(token) ? token : undefined;
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.IsADirectory || error instanceof Deno.errors.NotADirectory
    ) {
      return undefined;
    }
    throw error;
  }
}
