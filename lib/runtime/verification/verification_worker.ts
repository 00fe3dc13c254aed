/**
 * One verification thread: tells of packed signatures whether they hold.
 *
 * Stateless but for the cache of imported keys; asks the same `verifySignature` as the core, so that a
 * yes here is a yes there. The build bundles this file into a string (see `load_worker.ts`), so it must
 * not find anything by its own address.
 *
 * @module
 */
import { formatHex } from "../../bytes.ts";
import { PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "../../crypto/keys.ts";
import { verifySignature } from "../../crypto/signature.ts";
import { signingMessage } from "../../primitives/transaction.ts";
import { HASH_SIZE_BYTES } from "../../crypto/hash.ts";
import { PACKED_SIZE_BYTES, type VerificationOrder, type VerificationReport } from "./packing.ts";

interface WorkerScope {
  onmessage: ((event: MessageEvent<VerificationOrder>) => void) | null;
  postMessage(report: VerificationReport): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = ({ data: { id, genesisHash, packed } }) => {
  const count = packed.length / PACKED_SIZE_BYTES;
  const verdicts = new Uint8Array(count);
  // One message for all: only the txid at its end differs.
  const message = signingMessage(genesisHash, new Uint8Array(HASH_SIZE_BYTES));
  const txid = message.subarray(-HASH_SIZE_BYTES);
  for (let index = 0; index < count; index++) {
    const txidOffset = index * PACKED_SIZE_BYTES + PUBLIC_KEY_SIZE_BYTES;
    const signatureOffset = txidOffset + HASH_SIZE_BYTES;
    const sender = packed.subarray(index * PACKED_SIZE_BYTES, txidOffset);
    txid.set(packed.subarray(txidOffset, signatureOffset));
    const signature = packed.subarray(signatureOffset, (index + 1) * PACKED_SIZE_BYTES);
    const holds = verifySignature(formatHex(sender) as PublicKey, message, signature);
    verdicts[index] = Number(holds);
  }
  scope.postMessage({ id, verdicts });
};
