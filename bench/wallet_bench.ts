/**
 * A payment of a wallet with many coins: choosing has to cost the same for 100 and for 100,000.
 *
 * Run: `deno bench -A bench/wallet_bench.ts`
 *
 * @module
 */
import { numberedKeyPair } from "../lib/crypto/numbered_key_pair.ts";
import type { Amount } from "../lib/primitives/amount.ts";
import type { Height } from "../lib/primitives/header.ts";
import { outpointOf, type Txid } from "../lib/primitives/outpoint.ts";
import { CoinsByAmount } from "../lib/wallet/coins_by_amount.ts";
import { selectCoins } from "../lib/wallet/payment.ts";

const owner = numberedKeyPair(0).publicKey;

for (const count of [100, 100_000]) {
  const coins = new CoinsByAmount();
  for (let coin = 0; coin < count; coin++) {
    const outpoint = outpointOf(coin.toString(16).padStart(64, "0") as Txid, 0);
    const amount = 1 + coin * 7919 % 1000 as Amount;
    coins.add(outpoint, { owner, amount, height: 1 as Height });
  }
  Deno.bench(`one of ${count} coins suffices`, { group: "one" }, () => {
    selectCoins([coins], 500 as Amount);
  });
  Deno.bench(`200 of ${count} coins are needed`, { group: "many" }, () => {
    selectCoins([coins], Math.min(200_000, coins.sum) as Amount);
  });
}
