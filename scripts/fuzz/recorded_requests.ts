/**
 * Requests as programs send them, one character a byte.
 *
 * @module
 */

/** A payment in its plain form. */
export function paymentText(
  { path, token }: { readonly path: string; readonly token: string | undefined },
  body: string,
): string {
  const authorization = token === undefined ? "" : `Authorization: Bearer ${token}\r\n`;
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** The opening of a node. */
export function openingText(path: string, bytes: Uint8Array): string {
  const body = String.fromCharCode(...bytes);
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
    `Content-Length: ${bytes.length}\r\n\r\n${body}`;
}

/** The bytes of a text of one character a byte. */
export function latinBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
