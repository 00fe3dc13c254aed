/**
 * How many signatures this machine verifies in a second on all of its cores: what bounds any network of
 * nodes that share it, since each node verifies every transaction.
 *
 * Measured with the node's own verification threads. Called before a load, while nothing else runs.
 *
 * @module
 */
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { signMessage } from "../crypto/signature.ts";
import { bytesOfHex, concatBytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { signingMessage } from "../primitives/transaction.ts";
import { startVerificationWorker } from "../runtime/verification/load_worker.ts";
import type { VerificationOrder, VerificationReport } from "../runtime/verification/packing.ts";

/** One order is some 40 ms of a core. */
const ORDER_SIGNATURES = 1_000;
const WARM_UP_ORDERS = 2;
const MEASURE_MS = 600;

/** Verifications a second of so many threads together. */
export async function measureVerificationRate(
  threads: number = navigator.hardwareConcurrency,
): Promise<number> {
  const order = createOrder();
  const workers = Array.from(
    { length: threads },
    (_, index) => startVerificationWorker(`rate-${index}`),
  );
  try {
    await Promise.all(workers.map(async (worker) => {
      for (let count = 0; count < WARM_UP_ORDERS; count++) await verify(worker, order);
    }));
    const startMs = performance.now();
    const counts = await Promise.all(workers.map(async (worker) => {
      let count = 0;
      while (performance.now() - startMs < MEASURE_MS) count += await verify(worker, order);
      return count / (performance.now() - startMs);
    }));
    return 1000 * counts.reduce((sum, perMs) => sum + perMs, 0);
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

function createOrder(): VerificationOrder {
  const keyPair = numberedKeyPair(0);
  const genesisHash = sha256(new Uint8Array(1));
  const txid = sha256(new Uint8Array(2));
  const signature = signMessage(keyPair, signingMessage(genesisHash, txid));
  const packed = concatBytes([bytesOfHex(keyPair.publicKey), txid, bytesOfHex(signature)]);
  return {
    id: 0,
    genesisHash,
    packed: concatBytes(Array.from({ length: ORDER_SIGNATURES }, () => packed)),
  };
}

function verify(worker: Worker, order: VerificationOrder): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<VerificationReport>) => {
      if (data.verdicts.every((verdict) => verdict === 1)) resolve(data.verdicts.length);
      else reject(new Error("Cannot measure: got a signature that does not hold, wanted it to"));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    worker.postMessage(order);
  });
}
