import { testStoreContract } from "../testing/store_contract.ts";
import { MemoryStore } from "./memory_store.ts";

testStoreContract({
  name: "MemoryStore",
  create: () => new MemoryStore(),
  reopen: (store) => store,
  destroy: (store) => store.close(),
});
