import assert from "node:assert/strict";
import type { NodeState } from "../node/state.ts";
import { memberAddressTest } from "./member_addresses.ts";

Deno.test("X07 members' addresses are those of their records, of their streams, and this machine's", () => {
  const urls = ["http://10.0.0.1:5000", "http://[fd00::7]:5000", "http://vm3:5000"];
  const records = urls.map((url) => ({ url }));
  const node = { network: { membership: { records } } } as unknown as Pick<NodeState, "network">;
  const ofStreams = ["10.0.0.9"];
  let nowMs = 0;
  const isMembers = memberAddressTest(node, () => ofStreams, () => nowMs);
  for (const address of ["10.0.0.1", "fd00:0:0:0::/64", "10.0.0.9", "127.0.0.1"]) {
    assert(isMembers(address), address);
  }
  assert(!isMembers("10.0.0.2") && !isMembers("127.0.0.2"));

  // What was found serves for a moment.
  ofStreams.push("10.0.0.2");
  assert(!isMembers("10.0.0.2"));
  nowMs = 1_000;
  assert(isMembers("10.0.0.2"));
});
