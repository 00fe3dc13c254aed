/**
 * A process that extends a chain in a database and is killed (SIGKILL, no clean-up) at a chosen point of
 * a chosen commit: right before or right after SQLite makes it durable. For crash tests of the store.
 *
 * Arguments: path of the database, "before" or "after", number of the commit (the founding one is 1).
 *
 * @module
 */
import { openSqliteStore } from "../store/sqlite_store.ts";
import { NO_COMMIT } from "../node/persistence.ts";
import { emptyMembership } from "./test_disk.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { TestLedger } from "./test_ledger.ts";

if (import.meta.main) {
  const [path, phase, number] = Deno.args;
  let commitNumber = 1;
  const store = openSqliteStore(path as string, {
    onCommitPhase(reached) {
      if (reached === phase && commitNumber === Number(number)) Deno.kill(Deno.pid, "SIGKILL");
      if (reached === "after") commitNumber++;
    },
  });

  const ledger = new TestLedger();
  store.commit({ ...NO_COMMIT, membership: emptyMembership(ledger.params) });
  for (;;) {
    const transaction = ledger.pay(numberedKeyPair(0), numberedKeyPair(1).publicKey, 1);
    const { change } = ledger.accept(ledger.mine([transaction]));
    store.commit({ ...NO_COMMIT, ...ledger.recordOf(change), tip: ledger.chain.tip.hash });
  }
}
