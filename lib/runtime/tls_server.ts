/**
 * The API over TLS: a second server beside the plain one, with a certificate that can be renewed.
 *
 * Links between nodes encrypt themselves and stay on the plain port; the token of the API crosses nothing
 * but loopback in clear unless the operator says so. A new certificate is read when the process is told
 * to (SIGHUP): new connections get it, those that are open end as they would have. One that cannot be used
 * changes nothing.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { err, ok, type Result } from "../result.ts";
import type { ServingOptions } from "./connections.ts";
import { type CertificatePair, type HttpServer, serveHttp } from "./http_server.ts";

export interface TlsChoice {
  /** Files in PEM form. */
  readonly certPath: string;
  readonly keyPath: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Why TLS cannot be served: a sentence. */
export type TlsError = string;

export interface TlsServer {
  readonly port: number;
  /** Reads the files again; says why it goes on with what it had. */
  reload(): TlsError | undefined;
  close(): Promise<void>;
}

export async function startTlsServer(
  host: string,
  { certPath, keyPath, port }: TlsChoice,
  serving: ServingOptions,
): Promise<Result<TlsServer, TlsError>> {
  const first = readPair(certPath, keyPath);
  if (!first.ok) return first;
  let server: HttpServer;
  try {
    server = await serveHttp({ hostname: host, port, pair: first.value }, serving);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return err(`Cannot serve TLS on port ${port}: got "${text}", wanted a free port (--tls-port)`);
  }
  return ok({
    port: server.port,
    reload() {
      const next = readPair(certPath, keyPath);
      if (!next.ok) return next.error;
      server.useCertificate(next.value);
      return undefined;
    },
    close: () => server.shutdown(),
  });
}

/** Reads certificate and key, and whether they belong together. */
function readPair(certPath: string, keyPath: string): Result<CertificatePair, TlsError> {
  const wanted = "a certificate and its key in PEM form";
  try {
    const cert = Deno.readTextFileSync(certPath);
    const key = Deno.readTextFileSync(keyPath);
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return ok({ cert, key });
    return err(`Cannot use "${certPath}": the key in "${keyPath}" is not this certificate's`);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return err(`Cannot use "${certPath}" and "${keyPath}": got "${text}", wanted ${wanted}`);
  }
}
