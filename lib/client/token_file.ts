/**
 * Where a client on the same machine finds a node's token.
 *
 * A node keeps it in the file `token` of its data folder, by default `noobcash-data/node-<port>` under
 * the working folder. Reading the API needs no token; a client without one is refused only when it
 * spends. Another machine's node, which has another token, never gets one that was only guessed.
 *
 * @module
 */
import { join } from "node:path";

/** Where nodes keep their data, under the working folder, when nobody says. */
export const DATA_FOLDER_ROOT = "noobcash-data";

/** Where a node keeps its data when nobody says. */
function defaultDataFolder(port: number): string {
  return join(DATA_FOLDER_ROOT, `node-${port}`);
}

/** Reads the token from where the user says, else, on this machine, from the port's default data folder. */
export function findToken(
  { tokenFile, dataDir, host, port }: {
    readonly tokenFile?: string | undefined;
    readonly dataDir?: string | undefined;
    /** Where the node is. */
    readonly host: string;
    readonly port: number;
  },
): { readonly path: string; readonly token: string | undefined } {
  const path = tokenFile ?? join(dataDir ?? defaultDataFolder(port), "token");
  const isNamed = tokenFile !== undefined || dataDir !== undefined;
  return { path, token: isNamed || isThisMachine(host) ? readTokenText(path) : undefined };
}

/** Whether a host name or address means this machine. */
export function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host) ||
    Deno.networkInterfaces().some(({ address }) => address === host);
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
