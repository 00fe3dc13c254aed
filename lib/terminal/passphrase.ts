/**
 * Where a passphrase comes from: a file, the environment, or whoever sits at the terminal; never from an
 * argument, which everybody on the machine can read.
 *
 * @module
 */
import { utf8Bytes } from "../bytes.ts";
import { err, ok, type Result } from "../result.ts";

export interface PassphraseQuestion {
  /** Nobody is asked where none is needed. */
  readonly isWanted: boolean;
  readonly file?: string | undefined;
  /** The variable that may hold it. It is taken out of the environment, so that no child inherits it. */
  readonly variable: string;
  readonly question: string;
  /** Whether the passphrase is a new one, which is typed twice. */
  readonly isNew?: boolean;
}

/** The fewest bytes of a passphrase. */
export const PASSPHRASE_LENGTH_MIN = 8;

/** The passphrase as bytes, nothing where none is wanted, or why there is none. */
export async function passphraseOf(
  asked: PassphraseQuestion,
): Promise<Result<Uint8Array | undefined, string>> {
  const fromVariable = Deno.env.get(asked.variable);
  if (fromVariable !== undefined) Deno.env.delete(asked.variable);
  if (!asked.isWanted) return ok(undefined);
  if (asked.file !== undefined) return judge(readLine(asked.file), asked, `"${asked.file}"`);
  if (fromVariable !== undefined) return judge(fromVariable, asked, asked.variable);
  if (!Deno.stdin.isTerminal() || !Deno.stderr.isTerminal()) {
    return err(
      `Cannot ask for the passphrase: there is no terminal; give --passphrase-file or ${asked.variable}`,
    );
  }

  const { isCancel, password } = await import("@clack/prompts");
  const typed = await password({ message: asked.question });
  if (isCancel(typed)) return err("Cannot go on: no passphrase was given");
  if (asked.isNew === true) {
    const again = await password({ message: "Again" });
    if (again !== typed) {
      return err("Cannot go on: got two different passphrases, wanted one twice");
    }
  }
  return judge(typed, asked, "what was typed");
}

function judge(
  text: string | undefined,
  { isNew }: PassphraseQuestion,
  place: string,
): Result<Uint8Array, string> {
  if (text === undefined) return err(`Cannot read ${place}: there is no such file`);
  if (isNew === true && text.length < PASSPHRASE_LENGTH_MIN) {
    return err(
      `Cannot use ${place}: got ${text.length} characters, wanted at least ${PASSPHRASE_LENGTH_MIN}`,
    );
  }
  return ok(utf8Bytes(text));
}

/** The first line of a file. */
function readLine(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path).split(/\r?\n/, 1)[0];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      return undefined;
    }
    throw error;
  }
}
