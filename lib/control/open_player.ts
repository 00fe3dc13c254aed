/**
 * Opens the player: the room's page on a recording instead of a network.
 *
 * @module
 */
import type { Recording } from "./recording.ts";
import { createRoomApp } from "./room_app.ts";
import { Sessions } from "./session.ts";
import { sharedPage } from "./share_page.ts";

export interface PlayerOptions {
  readonly recording: Recording;
  /** The same as a file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Any free port when left out. */
  readonly port?: number;
  readonly language?: string | undefined;
  readonly onInternalError: (thrown: unknown) => void;
}

export interface OpenPlayer {
  readonly url: string;
  createLink(): string;
  close(): Promise<void>;
}

export function openPlayer(options: PlayerOptions): OpenPlayer {
  const { recording, bytes, language } = options;
  const sessions = new Sessions(() => Date.now());
  const app = createRoomApp({
    mode: "play",
    head: recording.head,
    sessions,
    language,
    onInternalError: options.onInternalError,
    recording: bytes,
    sharePage: () => sharedPage(recording, language),
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: options.port ?? 0, onListen: () => {} },
    app.fetch,
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  return {
    url,
    createLink: () => `${url}/#open=${sessions.createCode()}`,
    close: () => server.shutdown(),
  };
}
