/**
 * Whether those who want to join are where they say: the one call that a stranger can make a node do.
 *
 * Each address is called once for each key, at a bounded rate, and what came of it is remembered. One that
 * leads to its owner is told so at once; every other one is answered alike and after the same time, so that
 * nobody learns from a node what answers, hangs or refuses elsewhere.
 *
 * @module
 */
import type { AddressRecord } from "../wire/ring.ts";
import type { PeerBudgets } from "./peer_budgets.ts";
import { type Caller, shakeHands } from "./shake_hands.ts";

export type AddressProof = "proven" | "address-unproven" | "peers-busy";

export interface AddressProofsOptions {
  readonly caller: Caller;
  readonly budgets: PeerBudgets;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  /** How long an address has to answer, and its owner to wait for a no. */
  readonly patienceMs: number;
}

/** Proofs that are remembered, and how long a failed one is. */
const PROOFS_MAX = 1024;
const FAILURE_LIFE_MS = 60_000;

export class AddressProofs {
  readonly #options: AddressProofsOptions;
  readonly #proofs = new Map<string, { readonly outcome: Promise<boolean>; expiresAtMs: number }>();
  #callCount = 0;

  constructor(options: AddressProofsOptions) {
    this.#options = options;
  }

  /** How many calls were made. */
  get callCount(): number {
    return this.#callCount;
  }

  /** Proves that a record's owner is at its URL; the address is the caller's own. */
  async prove(record: AddressRecord, address: string): Promise<AddressProof> {
    const { budgets, nowMs, patienceMs, signal } = this.#options;
    const startedAtMs = nowMs();
    const name = `${record.publicKey} ${record.url}`;
    let proof = this.#proofs.get(name);
    if (proof === undefined || proof.expiresAtMs < startedAtMs) {
      if (!budgets.mayCallFor(address)) return "peers-busy";
      proof = this.#call(name, record);
    }
    if (await proof.outcome) return "proven";
    await rest(startedAtMs + patienceMs - nowMs(), signal);
    return "address-unproven";
  }

  #call(name: string, record: AddressRecord) {
    const { caller, patienceMs, signal, nowMs } = this.#options;
    this.#callCount++;
    const outcome = shakeHands(caller, {
      url: record.url,
      wanted: record.publicKey,
      timeoutMs: patienceMs,
      signal,
    }).then((host) => {
      const isProven = !("code" in host);
      proof.expiresAtMs = isProven ? Infinity : nowMs() + FAILURE_LIFE_MS;
      return isProven;
    });
    const proof = { outcome, expiresAtMs: Infinity };
    this.#proofs.set(name, proof);
    for (const oldest of this.#proofs.keys()) {
      if (this.#proofs.size <= PROOFS_MAX) break;
      this.#proofs.delete(oldest);
    }
    return proof;
  }
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted || ms <= 0) return Promise.resolve();
  const timer = setTimeout(end, ms);
  signal.addEventListener("abort", end);
  return promise;

  function end(): void {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    resolve();
  }
}
