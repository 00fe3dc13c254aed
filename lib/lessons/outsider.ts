/**
 * A wallet that is no node's: it signs by itself and hands its transactions to any node.
 *
 * Lessons attack with it: a node's own wallet would not spend a coin twice.
 *
 * @module
 */
import { formatHex } from "../bytes.ts";
import type { ApiClient } from "../client/api_client.ts";
import type { ClusterNode } from "../cluster/start_cluster.ts";
import { formatAddress, parseAddress } from "../crypto/address.ts";
import { type KeyPair, keyPairOfSeed } from "../crypto/keys.ts";
import { openNodeSource } from "../offline/chain_source.ts";
import type { Params } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import { outpointOf, type Txid } from "../primitives/outpoint.ts";
import { encodeTransaction } from "../primitives/transaction.ts";
import { signTransaction } from "../wallet/payment.ts";
import { answered, LessonError } from "./network_steps.ts";

export interface Outsider {
  readonly address: string;
  readonly keyPair: KeyPair;
  readonly params: Params;
}

/** Makes a wallet for the network that a node is in. */
export async function createOutsider(client: ApiClient): Promise<Outsider> {
  const source = await answered(openNodeSource(client));
  source.close();
  const keyPair = keyPairOfSeed(crypto.getRandomValues(new Uint8Array(32)));
  return { address: formatAddress(keyPair.publicKey), keyPair, params: source.params };
}

/** Signs the payment of a whole coin, the first output of a transaction. */
export function spendCoin(
  { keyPair, params }: Outsider,
  { coin, amount, to }: {
    readonly coin: string;
    readonly amount: number;
    readonly to: Pick<ClusterNode, "address">;
  },
): { readonly txid: string; readonly hex: string } {
  const owner = parseAddress(to.address);
  if (owner === undefined) {
    const message = `Cannot pay: got address "${to.address}"`;
    throw new LessonError({ code: "address-malformed", message });
  }
  const transaction = signTransaction(
    {
      sender: keyPair.publicKey,
      inputs: [outpointOf(coin as Txid, 0)],
      outputs: [{ owner, amount: amount as Amount }],
    },
    keyPair,
    params,
  );
  return { txid: transaction.txid, hex: formatHex(encodeTransaction(transaction)) };
}
