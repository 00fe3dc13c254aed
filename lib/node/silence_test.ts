import assert from "node:assert/strict";
import type { BlockHash, Height } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Work } from "../primitives/target.ts";
import { mineBlock } from "../simulation/mine_block.ts";
import { networkOf, type TestNode, TestWorld } from "../testing/test_world.ts";
import type { Message, MessageType, StatusMessage } from "../wire/message.ts";
import type { NodeInput } from "./input.ts";
import { step } from "./node.ts";
import type { Peer } from "./peer.ts";
import { SCORE_MAX } from "./peer_table.ts";
import { OVERSLEPT_MS, penaliseStall } from "./silence.ts";
import type { NodeState } from "./state.ts";
import { beginTurn } from "./turn.ts";

/** How long a peer may take to answer, and what a silence costs; points fall by one a second. */
const TIMEOUT_MS = 4_000;
const SILENCE_POINTS = 20;

Deno.test("headers, blocks and transactions that a peer leaves unanswered are one fault", () => {
  const table = new Table();
  const { params, chain } = table.network;
  const [first, second] = [1, 2].map((firstNonce) => mineBlock(chain.tip, { params, firstNonce }));
  assert(first !== undefined && second !== undefined && first.hash !== second.hash);
  table.hear(table.claim());
  table.hear({ type: "headers", headers: [first.header] });
  table.pass(10);
  table.hear(table.claim());
  table.pass(10);
  const { hash, header } = second;
  const txids = ["ab".repeat(32) as Txid];
  table.hear({ type: "compact-block", hash, header, txids, prefilled: [] });
  const open = ["get-headers", "get-blocks", "get-headers", "get-block-transactions"];
  assert.deepEqual(table.questions.splice(0), open);

  table.pass(TIMEOUT_MS - 30);
  assert.equal(table.peer.score, 0);
  table.pass(30);
  assert.equal(table.peer.score, SILENCE_POINTS);
  assert(table.network.partialBlocks.size === 0);

  // Nobody else has the blocks, so the same peer is asked again, and is silent again.
  assert(table.questions.includes("get-blocks"));
  table.pass(TIMEOUT_MS);
  assert.equal(Math.round(table.peer.score), 2 * SILENCE_POINTS - TIMEOUT_MS / 1000);
});

Deno.test("a peer that goes on being silent is charged once per time-out, and left alone", () => {
  const table = new Table();
  let asked = 0;
  while (table.peer.backedOffUntilMs === 0) {
    assert(asked < 30, "the peer is left alone within half a minute");
    // Four questions a second; each is charged when its own time is up, if at all.
    for (let quarter = 0; quarter < 4; quarter++) {
      table.nowMs += 250;
      table.stall(table.nowMs - TIMEOUT_MS, SILENCE_POINTS);
    }
    asked++;
  }
  // 20 points every four seconds, of which four are forgiven meanwhile: at 100 with the sixth.
  assert.equal(asked, 5 * TIMEOUT_MS / 1000 + 1);
});

Deno.test("what was asked before a peer was charged belongs to the silence that is paid", () => {
  const table = new Table();
  const chargedAtMs = table.nowMs;
  table.stall(chargedAtMs - TIMEOUT_MS, SILENCE_POINTS);
  assert.equal(table.peer.score, SILENCE_POINTS);
  table.nowMs += TIMEOUT_MS - 1;
  table.stall(chargedAtMs - 1, SILENCE_POINTS);
  assert.equal(table.peer.score, SILENCE_POINTS);
  table.nowMs += 1;
  table.stall(chargedAtMs, SILENCE_POINTS);
  assert.equal(table.peer.score, 2 * SILENCE_POINTS - TIMEOUT_MS / 1000);
});

Deno.test("a cheap question hides no dear one: a silence costs what the dearest does", () => {
  const table = new Table();
  const askedAtMs = table.nowMs - TIMEOUT_MS;
  table.stall(askedAtMs, SILENCE_POINTS / 2);
  assert.equal(table.peer.score, SILENCE_POINTS / 2);
  table.stall(askedAtMs, SILENCE_POINTS);
  assert.equal(table.peer.score, SILENCE_POINTS);
  table.stall(askedAtMs, SILENCE_POINTS / 2);
  table.stall(askedAtMs, SILENCE_POINTS);
  assert.equal(table.peer.score, SILENCE_POINTS);
});

Deno.test("a node that overslept charges nobody: the wait begins anew, once", () => {
  const table = new Table();
  table.hear(table.claim());
  assert.deepEqual(table.questions.splice(0), ["get-headers"]);

  table.oversleep(TIMEOUT_MS + OVERSLEPT_MS + 1);
  assert.equal(table.peer.score, 0);
  const { headersRequest } = table.network.sync;
  assert.equal(headersRequest?.isRenewed, true, "the answer may lie in the queue");
  assert.deepEqual(table.questions, [], "nobody is asked a second time");

  // Listening again, so the second silence is the peer's.
  table.pass(TIMEOUT_MS);
  assert.equal(table.peer.score, SILENCE_POINTS);
});

Deno.test("a node that oversleeps again gives the question up, and still charges nobody", () => {
  const table = new Table();
  table.hear(table.claim());
  table.oversleep(TIMEOUT_MS + OVERSLEPT_MS + 1);
  table.questions.length = 0;
  table.oversleep(TIMEOUT_MS + OVERSLEPT_MS + 1);
  assert.equal(table.network.sync.headersRequest, undefined, "the question is over");
  assert.equal(table.peer.score, 0);
  table.hear(table.claim());
  assert.deepEqual(table.questions, ["get-headers"], "it is asked like anybody else");
});

Deno.test("an answer that waited in the queue while the node was busy is still taken", () => {
  const table = new Table();
  const { params, chain } = table.network;
  const { hash, header } = mineBlock(chain.tip, { params });
  table.hear(table.claim());
  table.oversleep(2 * TIMEOUT_MS);
  table.hear({ type: "headers", headers: [header] });
  assert(table.network.sync.wanted.has(hash));
});

Deno.test("a block that comes after its time is taken while it is wanted", () => {
  const table = new Table();
  const { params, chain, sync } = table.network;
  const block = mineBlock(chain.tip, { params });
  table.hear(table.claim());
  table.hear({ type: "headers", headers: [block.header] });
  table.pass(TIMEOUT_MS);
  assert(sync.wanted.get(block.hash)?.stalledBy.has(table.peer.publicKey));
  sync.inFlight.delete(block.hash);
  table.hear({ type: "blocks", blocks: [block] });
  assert.equal(table.ignoredBlocks, 0, "it was looked at, and refused for having no transactions");
  assert(!sync.wanted.has(block.hash));
});

Deno.test("the last peer that can be asked is never left alone for its silence", () => {
  const table = new Table();
  for (const other of table.others) other.failureCount = 1;
  for (let count = 0; count < 20; count++) {
    table.nowMs += TIMEOUT_MS;
    table.stall(table.nowMs - TIMEOUT_MS, SILENCE_POINTS);
    assert(table.peer.score < SCORE_MAX && table.peer.backedOffUntilMs === 0);
  }
  assert(table.peer.score > SCORE_MAX - 2, "it is on probation");

  // As soon as there is another one, the next silence counts.
  for (const other of table.others) other.failureCount = 0;
  table.nowMs += TIMEOUT_MS;
  table.stall(table.nowMs - TIMEOUT_MS, SILENCE_POINTS);
  assert(table.peer.backedOffUntilMs > table.nowMs);
});

Deno.test("a clock that is put back buys a silent peer no time", () => {
  const table = new Table();
  table.stall(table.nowMs - TIMEOUT_MS, SILENCE_POINTS);
  table.nowMs -= 3_600_000;
  table.stall(table.nowMs - TIMEOUT_MS, SILENCE_POINTS);
  assert.equal(table.peer.score, 2 * SILENCE_POINTS);
});

/** A node in rest. One of its two peers says what a test lets it say, and answers nothing. */
class Table {
  nowMs: number;
  /** What the node has asked the peer. */
  readonly questions: MessageType[] = [];
  readonly #node: NodeState;
  readonly #status: StatusMessage;
  readonly peer: Peer;
  readonly others: readonly Peer[];
  #claims = 0;

  constructor() {
    const world = new TestWorld({ nodes: 3 });
    world.addAll();
    world.run(5_000);
    const [node, other] = world.nodes as [TestNode, TestNode];
    const peer = node.state.peers.get(other.keyPair.publicKey);
    assert(peer?.status !== undefined && peer.score === 0);
    this.nowMs = world.nowMs;
    this.#node = node.state;
    this.#status = peer.status;
    this.peer = peer;
    this.others = [...node.state.peers.values()].filter((each) => each !== peer);
    assert.equal(networkOf(node).mempool.size, 0);
  }

  /** Blocks that nobody had asked for. */
  get ignoredBlocks(): number {
    return this.#node.ignored.blocks;
  }

  get network() {
    const { network } = this.#node;
    assert(network !== undefined);
    return network;
  }

  /** A status with more work than there is, on a tip that nobody knows. */
  claim(): StatusMessage {
    const { tipHeight, tipWork } = this.#status;
    return {
      ...this.#status,
      tipHash: (++this.#claims).toString(16).padStart(64, "0") as BlockHash,
      tipHeight: (tipHeight + 10) as Height,
      tipWork: (tipWork * 10n) as Work,
    };
  }

  hear(message: Message): void {
    this.#step({ type: "message", from: this.peer.publicKey, message });
  }

  pass(forMs: number): void {
    const untilMs = this.nowMs + forMs;
    while (this.#node.wakeAtMs <= untilMs) {
      this.nowMs = Math.max(this.nowMs, this.#node.wakeAtMs);
      this.#step({ type: "tick" });
    }
    this.nowMs = untilMs;
  }

  /** The node does something else all the time, and looks at the clock only then. */
  oversleep(forMs: number): void {
    this.nowMs += forMs;
    this.#step({ type: "tick" });
  }

  /** A question of that time has run out. */
  stall(askedAtMs: number, points: number): void {
    const deadlineMs = askedAtMs + TIMEOUT_MS;
    const turn = beginTurn(this.#node, this.nowMs);
    penaliseStall(turn, this.peer.publicKey, {
      wait: { askedAtMs, deadlineMs },
      points,
    });
  }

  #step(input: NodeInput): void {
    for (const effect of step(this.#node, input, this.nowMs)) {
      if (effect.type !== "send" || !effect.message.type.startsWith("get-")) continue;
      this.questions.push(effect.message.type);
    }
  }
}
