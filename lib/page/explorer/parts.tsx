/**
 * What the explorer's pages share: what they are given, how they read, and the names of wallets.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import type { WalletJson } from "../../wire/api_basics.ts";
import type { TransactionStateJson } from "../../wire/api_chain.ts";
import type { Language } from "../../translation.ts";
import { colourClass, shortAddress } from "../format.ts";
import { released } from "../press.ts";
import { isMissing, type Read, type ReadResult } from "../read_result.ts";
import { refusalText } from "../texts/refusal_texts.ts";
import type { Texts } from "../texts/texts.ts";
import { useEffect } from "../use_effect.ts";

export interface ExplorerProps {
  readonly text: Texts;
  readonly language: Language;
  /** `#/explorer` */
  readonly base: string;
  /** The parts of the address after it. */
  readonly route: readonly string[];
  readonly read: Read;
  /** Changes when what was read may be out of date. */
  readonly version: string;
  readonly nowMs: number;
  /** More on a transaction's life than one node knows. */
  readonly lifeOf?: (transaction: TransactionStateJson) => readonly string[];
  /** How often each code has stopped something. */
  readonly ruleCounts: ReadonlyMap<string, number>;
}

const READ_INTERVAL_MS_MIN = 400;
/** Whoever could not answer is asked again after so long. */
const READ_AGAIN_MS = 2_000;

/**
 * Reads a path again whenever the version changes, one read at a time, and again when nobody could answer;
 * what was read before stands until then.
 */
export function useRead<T>(
  read: Read,
  path: string | undefined,
  version: string,
): ReadResult<T> | undefined {
  const [result, setResult] = useState<ReadResult<T> | undefined>(undefined);
  const [isReading, setReading] = useState(false);
  const [known, setKnown] = useState("");
  const wanted = `${path} ${version}`;
  useEffect(() => {
    if (path === undefined || isReading || known === wanted) return;
    setReading(true);
    setKnown(wanted);
    void read<T>(path).then(async (next) => {
      await released();
      setResult(next);
      const isAnswered = next.ok || isMissing(next);
      if (!isAnswered) setKnown("");
      // A chain that grows a hundred times a second is not read that often.
      setTimeout(
        () => void released().then(() => setReading(false)),
        isAnswered ? READ_INTERVAL_MS_MIN : READ_AGAIN_MS,
      );
    });
  }, [wanted, isReading]);
  return result;
}

/** Where a list with pages stands: the path of the page that is shown, and the buttons to the others. */
export function usePages(path: string) {
  const [cursor, setCursor] = useState<{ readonly path: string; readonly after: string } | null>(
    null,
  );
  const after = cursor?.path === path ? cursor.after : null;
  return {
    path: after === null ? path : `${path}&after=${after}`,
    buttons: (text: Texts, next: string | null) => (
      <p class="pages">
        {after !== null && (
          <button type="button" onClick={() => setCursor(null)}>{text("list.first")}</button>
        )}
        {next !== null && (
          <button type="button" onClick={() => setCursor({ path, after: next })}>
            {text("list.next")}
          </button>
        )}
      </p>
    ),
  };
}

export function Waiting<T>(
  { text, language, result, name }: {
    readonly text: Texts;
    readonly language: Language;
    readonly result: ReadResult<T> | undefined;
    readonly name?: string;
  },
) {
  if (result === undefined) return <p class="hint panel">{text("explorer.reading")}</p>;
  if (result.ok) return null;
  return (
    <p class="panel" role="alert">
      {name !== undefined && isMissing(result)
        ? text("explorer.notFound", { what: name })
        : text("explorer.failed", { reason: refusalText(language, result) })}
    </p>
  );
}

export function WalletName({ text, base, wallet, isLong }: ExplorerProps & {
  readonly wallet: WalletJson;
  readonly isLong?: boolean;
}) {
  const { address, nodeId } = wallet;
  return (
    <a class={`who ${colourClass(nodeId)}`} href={`${base}/wallet/${address}`} title={address}>
      <i class="dot" aria-hidden="true" />
      {nodeId === null ? shortAddress(address) : text("node", { n: nodeId })}
      {isLong === true && nodeId !== null && <code>{shortAddress(address)}</code>}
    </a>
  );
}

/** A link that shows the beginning of what it names. */
export function ShortLink({ href, name, shown }: {
  readonly href: string;
  readonly name: string;
  /** So many characters. */
  readonly shown: number;
}) {
  return <a class="mono" href={href}>{name.slice(0, shown)}…</a>;
}

export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").slice(0, 19);
}
