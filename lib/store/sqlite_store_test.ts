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
