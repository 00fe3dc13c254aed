import assert from "node:assert/strict";
import { createTexts, translationProblems } from "../translation.ts";
import { balanceText, lastTransactionsText } from "./client_views.ts";
import { CLIENT_TEXTS } from "./texts.ts";

Deno.test("every text of the menu is there in every language", () => {
  assert.deepEqual(translationProblems(CLIENT_TEXTS), []);
});

Deno.test("what the menu shows is in its language, too", () => {
  const wallet = {
    address: "nbc1277s5y3kjmekfqxnm2nmkql7zrstzz4lfnch0c4wmvl27ck4gq0s3e5pws",
    nodeId: 3,
  };
  const text = createTexts(CLIENT_TEXTS, "el");
  const balance = { wallet, confirmed: 90, pending: -5, available: 85, coins: 2 };
  assert.match(balanceText(balance, text), /διαθέσιμα.* 85 NBC/);
  assert.match(balanceText(balance), /available.* 85 NBC/);
  const block = { height: 4, miner: wallet, timestampMs: 0 } as never;
  const shown = lastTransactionsText({ block, transactions: [] }, text);
  assert.match(shown, /^Μπλοκ 4, εξόρυξη από τον id3 /);
  assert.match(shown, /Αποστολέας +Παραλήπτης +Ποσό +Σύνολο +Ρέστα/);
});
