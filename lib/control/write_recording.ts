/**
 * Writes a recording to a file, whole or not at all.
 *
 * @module
 */
import { err, ok, type Result } from "../result.ts";

export interface WriteError {
  readonly code: "recording-unwritable";
  readonly message: string;
}

export async function writeRecording(
  path: string,
  bytes: Uint8Array,
): Promise<Result<void, WriteError>> {
  try {
    await Deno.writeFile(`${path}.part`, bytes);
    await Deno.rename(`${path}.part`, path);
    return ok(undefined);
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    const message = `Cannot write the recording "${path}": got ${got}`;
    return err({ code: "recording-unwritable", message });
  }
}
