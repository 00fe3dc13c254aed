/**
 * Who of a closed loop's clients may go on: none too far ahead of the slowest, none without coins; and
 * when all there is is waiting, who gives up.
 *
 * Called by the closed loop alone.
 *
 * @module
 */
import type { Payer } from "./payer.ts";
import type { WorkloadLine } from "./workload_file.ts";

/** One client: a wallet, what it is to pay, and how far it is. */
export interface ClientState {
  readonly payer: Payer;
  readonly lines: readonly WorkloadLine[];
  nextIndex: number;
  doneCount: number;
  readonly waiting: Set<WaitingLine>;
}

/** A line that waits for coins. */
interface WaitingLine {
  readonly lacking: number;
  givenUp: boolean;
}

export interface PacingOptions {
  readonly leadLines: number;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

export class ReplayPacing {
  readonly #clients: readonly ClientState[];
  readonly #options: PacingOptions;
  readonly #unsubscribes: readonly (() => void)[];
  readonly #onAbort = () => this.noteChange();
  #requestsUnderWay = 0;
  #change = Promise.withResolvers<void>();
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(clients: readonly ClientState[], options: PacingOptions) {
    this.#clients = clients;
    this.#options = options;
    this.#unsubscribes = clients.map(({ payer }) => payer.onArrival(() => this.noteChange()));
    options.signal.addEventListener("abort", this.#onAbort);
  }

  /** Stops to listen to arrivals. */
  close(): void {
    clearTimeout(this.#patience);
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
  }

  /** Resolves with the next answer, arrival, end of a line, or wish to stop. */
  get changed(): Promise<void> {
    return this.#change.promise;
  }

  /** A client that waits for coins holds nobody up. */
  mayStart(client: ClientState, index: number): boolean {
    const others = this.#clients.filter((other) =>
      other !== client && isUnfinished(other) && other.waiting.size === 0
    );
    const slowest = Math.min(Infinity, ...others.map(({ doneCount }) => doneCount));
    return index < slowest + this.#options.leadLines;
  }

  /** Counts a request as under way until it is answered. */
  async during<T>(request: Promise<T>): Promise<T> {
    this.#requestsUnderWay++;
    try {
      return await request;
    } finally {
      this.#requestsUnderWay--;
      this.noteChange();
    }
  }

  /** True when a payment arrived that was not there when the line went out. */
  async waitForCoins(
    client: ClientState,
    { lacking, arrivalsBefore }: { readonly lacking: number; readonly arrivalsBefore: number },
  ): Promise<boolean> {
    const waiting: WaitingLine = { lacking, givenUp: false };
    client.waiting.add(waiting);
    this.noteChange();
    try {
      while (client.payer.arrivals() === arrivalsBefore) {
        if (waiting.givenUp || this.#options.signal.aborted) return false;
        await this.changed;
      }
      return true;
    } finally {
      client.waiting.delete(waiting);
    }
  }

  /** Wakes everybody who waits, and starts patience anew where all there is is waiting. */
  noteChange(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
    clearTimeout(this.#patience);
    if (this.#isStuck()) {
      this.#patience = setTimeout(() => this.#giveUpOne(), this.#options.patienceMs);
    }
  }

  #isStuck(): boolean {
    const unfinished = this.#clients.filter(isUnfinished);
    return this.#requestsUnderWay === 0 && unfinished.length > 0 &&
      unfinished.every(({ waiting }) => waiting.size > 0);
  }

  /** The waiting line that lacks the most coins. */
  #giveUpOne(): void {
    const all = this.#clients.flatMap(({ waiting }) => [...waiting]);
    const worst = all.reduce((a, b) => b.lacking > a.lacking ? b : a);
    worst.givenUp = true;
    this.noteChange();
  }
}

function isUnfinished({ doneCount, lines }: ClientState): boolean {
  return doneCount < lines.length;
}
