import assert from "node:assert/strict";
import { testStoreContract } from "../testing/store_contract.ts";
import { openSqliteStore } from "./sqlite_store.ts";

const paths = new Map<unknown, string>();

testStoreContract({
  name: "SqliteStore",
  create() {
    const path = `${Deno.makeTempDirSync({ prefix: "noobcash-store-" })}/chain.db`;
    const store = openSqliteStore(path);
    paths.set(store, path);
    return store;
  },
  reopen(store) {
    const path = paths.get(store);
    assert(path !== undefined);
    store.close();
    const again = openSqliteStore(path);
    paths.set(again, path);
    return again;
  },
  destroy(store) {
    store.close();
    const path = paths.get(store);
    assert(path !== undefined);
    Deno.removeSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  },
});

/** Everything is written late, and hardly anything at a time: each reopening finds a table on its way. */
const backlog = { changes: 6, blocks: 2, depth: 1, slices: 256, size: 24 };
const killed = new Map<unknown, string>();

/** A store of which nothing but its files is left, as after kill -9. */
testStoreContract({
  name: "SqliteStore that was killed",
  create() {
    const folder = Deno.makeTempDirSync({ prefix: "noobcash-store-" });
    const store = openSqliteStore(`${folder}/chain.db`, { backlog });
    killed.set(store, folder);
    return store;
  },
  reopen(store) {
    const folder = killed.get(store);
    assert(folder !== undefined);
    const copy = Deno.makeTempDirSync({ prefix: "noobcash-store-" });
    for (const suffix of ["", "-wal"]) {
      Deno.copyFileSync(`${folder}/chain.db${suffix}`, `${copy}/chain.db${suffix}`);
    }
    store.close();
    Deno.removeSync(folder, { recursive: true });
    const again = openSqliteStore(`${copy}/chain.db`, { backlog });
    killed.set(again, copy);
    return again;
  },
  destroy(store) {
    store.close();
    const folder = killed.get(store);
    assert(folder !== undefined);
    Deno.removeSync(folder, { recursive: true });
  },
});
