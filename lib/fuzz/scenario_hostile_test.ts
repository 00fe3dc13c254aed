import assert from "node:assert/strict";
import type { Chain } from "../consensus/chain.ts";
import { DEFAULT_TIMING } from "../node/state.ts";
import { assembleBlock, type Block } from "../primitives/block.ts";
import type { BlockHash, Header, Height } from "../primitives/header.ts";
import type { Outpoint } from "../primitives/outpoint.ts";
import type { Work } from "../primitives/target.ts";
import { mineBlock, type Parent } from "../simulation/mine_block.ts";
import { signTransaction } from "../simulation/sign_transaction.ts";
import { decodeMessage, encodeMessage } from "../wire/codec.ts";
import { HEADERS_MAX, type HeadersMessage, type StatusMessage } from "../wire/message.ts";
import type { Lies } from "../attack/hostile_peer.ts";
import { Siege } from "../testing/siege.ts";

/** How long a victim is watched once it has caught up. */
const SIEGE_MS = 100_000;
/** What the victim says to a hostile peer meanwhile, its statuses and news of blocks included. */
const MESSAGES_MAX = 120;

/** What a hostile peer may cost at most. */
interface Bounds {
  /** Until the victim has caught up, and until it leaves the hostile peer alone. */
  readonly reliefMs: number;
  readonly leftMs: number;
  /** Questions that it asks the hostile peer, in all. */
  readonly questions: number;
  /** Headers that it keeps, whoever sent them; the honest chain is about twenty blocks ahead. */
  readonly wanted: number;
}

/** Catching up with an honest peer takes one exchange of headers and one of blocks, after a status. */
const CHEAP: Bounds = { reliefMs: 5_000, leftMs: 12_000, questions: 24, wanted: 30 };

/**
 * Lets a peer mislead a victim that is behind, and goes on with it for longer than it is left alone for
 * the first time. The victim catches up, follows the honest chain, leaves the peer alone for what it did,
 * and neither asks it nor keeps for it more than the bounds say.
 */
function besiege(
  charge: string,
  makeLies: (siege: Siege) => Lies,
  bounds: Partial<Bounds> = {},
): Siege {
  const { reliefMs, leftMs, questions, wanted } = { ...CHEAP, ...bounds };
  const siege = new Siege(makeLies);
  const tookMs = siege.untilRelieved();
  assert(tookMs <= reliefMs, `relieved after ${tookMs} ms`);

  siege.resumeMining();
  siege.pass(SIEGE_MS);
  siege.pauseMining();
  assert(siege.untilRelieved() <= 1000, "the victim follows the honest chain meanwhile");

  assert(siege.leftAfterMs <= leftMs, `left alone after ${siege.leftAfterMs} ms`);
  const charges = siege.charges();
  assert(charges.length > 0 && charges.every((code) => code === charge), charges.join());
  const { questionCount, messageCount } = siege.hostile;
  assert(questionCount <= questions, `${questionCount} questions`);
  assert(messageCount <= MESSAGES_MAX, `${messageCount} messages`);

  const { kept } = siege;
  assert(kept.wanted <= wanted, `${kept.wanted} headers`);
  assert(kept.inFlight <= 32, `${kept.inFlight} blocks in flight`);
  assert(kept.orphanBlocks <= 30 && kept.partialBlocks <= 16, JSON.stringify(kept));
  assert(kept.askNext <= 3 && kept.peers === 3, JSON.stringify(kept));
  siege.scenario.checker.auditRestart(siege.victim);
  return siege;
}

Deno.test("F06 a peer that claims a thousand blocks and has none is left, and another is asked", () => {
  besiege("peer-lies-about-work", (siege) => ({
    status: boast(siege),
    answer: ({ type }) => type === "get-headers" ? [headers([])] : undefined,
  }));
});

Deno.test("F06 a peer that has less than it claims is used for what it has, and left", () => {
  besiege("peer-lies-about-work", (siege) => ({ status: boast(siege) }));
});

Deno.test("F06 a peer that takes its claim back before it answers has lied all the same", () => {
  besiege("peer-lies-about-work", (siege) => ({
    status: boast(siege),
    answer: ({ type }, context) => {
      if (type !== "get-headers") return undefined;
      const { genesis } = siege.scenario.params;
      const taken = { tipHash: genesis.hash, tipHeight: 0 as Height, tipWork: 0n as Work };
      siege.hostile.say({ ...statusOf(siege), ...taken }, context);
      return [headers([])];
    },
  }));
});

Deno.test("F06 headers with work whose blocks their own sender does not have are a lie about length", () => {
  besiege("peer-lies-about-work", (siege) => {
    const made = branchOn(siege, tipOf(siege), HEADERS_MAX).map(({ header }) => header);
    return {
      status: boast(siege),
      answer: (question) => {
        if (question.type === "get-headers") return [headers(made)];
        if (question.type !== "get-blocks") return [];
        return [{ type: "not-found", hashes: question.hashes }];
      },
    };
  }, { wanted: HEADERS_MAX + 30 });
});

Deno.test("F06 headers with work whose blocks never come hold the others up until the peer is left", () => {
  // Each header cost its sender as much as a block; they fill the window until they are given up.
  besiege("peer-stalls", (siege) => {
    const made = branchOn(siege, tipOf(siege), HEADERS_MAX).map(({ header }) => header);
    return {
      status: boast(siege),
      answer: ({ type }) => type === "get-headers" ? [headers(made)] : [],
    };
  }, { reliefMs: 32_000, leftMs: 32_000, questions: 64, wanted: HEADERS_MAX + 30 });
});

Deno.test("F06 a peer that hears everything and answers nothing stalls, and another one is asked", () => {
  const bounds = { reliefMs: 12_000, leftMs: 32_000 };
  besiege("peer-stalls", (siege) => ({ status: boast(siege), answer: () => [] }), bounds);
});

for (const after of ["nothing more", "silence"] as const) {
  Deno.test(`F06 truncated headers, and after them ${after}: the rest comes from somebody else`, () => {
    const charge = after === "silence" ? "peer-stalls" : "peer-lies-about-work";
    let questions = 0;
    const siege = besiege(charge, (siege) => {
      const [first] = headersAbove(siege, 1);
      assert(first !== undefined);
      return {
        status: boast(siege),
        answer: ({ type }) => {
          if (type !== "get-headers") return undefined;
          if (questions++ === 0) return [headers([first])];
          return after === "silence" ? [] : [headers([])];
        },
      };
    }, { reliefMs: 10_000, leftMs: 32_000 });
    assert(siege.hostile.heard("get-blocks") <= 2, "the header that it had was used");
  });
}

Deno.test("F06 headers that do not follow from what was asked bring nothing, however many", () => {
  for (const count of [10, HEADERS_MAX]) {
    besiege("peer-lies-about-work", (siege) => {
      const [, ...loose] = branchOn(siege, tipOf(siege), count + 1).map(({ header }) => header);
      return {
        status: boast(siege),
        answer: ({ type }) => type === "get-headers" ? [headers(loose)] : [],
      };
    });
  }
});

Deno.test("F06 extra headers behind the last one cost their sender all of its points at once", () => {
  const siege = besiege("headers-not-in-a-row", (siege) => {
    const { params } = siege.scenario;
    const stray = mineBlock(params.genesis, { params });
    const list = [...headersAbove(siege), stray.header];
    return {
      status: boast(siege),
      answer: ({ type }) => type === "get-headers" ? [headers(list)] : undefined,
    };
  }, { leftMs: 1000 });
  assert.equal(siege.hostile.heard("get-headers"), siege.charges().length);
});

Deno.test("F06 more headers than a message may have are no message", () => {
  const siege = new Siege(() => ({ answer: () => [] }));
  const { header } = siege.scenario.params.genesis;
  const full = headers(Array<Header>(HEADERS_MAX).fill(header));
  assert.deepEqual(decodeMessage(encodeMessage(full)), full);
  const over = headers(Array<Header>(HEADERS_MAX + 1).fill(header));
  assert.equal(decodeMessage(encodeMessage(over)), undefined);
  // What the transport says of bytes that are no message.
  siege.scenario.world.give(siege.victim, {
    type: "peer-misbehaved",
    from: siege.node.config.keyPair.publicKey,
    code: "message-malformed",
  });
  assert.equal(siege.health(), "backed-off");
  assert(siege.untilRelieved() <= CHEAP.reliefMs);
});

Deno.test("F06 the same headers again and again are an answer once", () => {
  const siege = besiege("peer-lies-about-work", (siege) => {
    const known = mainHeaders(siege.scenario.network(0).chain, 1);
    return {
      status: boast(siege),
      answer: ({ type }) => type === "get-headers" ? [headers(known)] : [],
    };
  });
  assert(siege.hostile.heard("get-headers") >= 4);
});

Deno.test("F06 headers that lead back to themselves are not in a row", () => {
  besiege("headers-not-in-a-row", (siege) => {
    const loop = headersAbove(siege, 5);
    return {
      status: boast(siege),
      answer: ({ type }) => type === "get-headers" ? [headers([...loop, ...loop])] : undefined,
    };
  }, { leftMs: 1000 });
});

Deno.test("F06 a peer that claims something new all the time keeps nobody else from being asked", () => {
  besiege("peer-lies-about-work", (siege) => {
    claimAllTheTime(siege);
    return { answer: ({ type }) => type === "get-headers" ? [headers([])] : [] };
  }, { leftMs: 1000 });
});

Deno.test("F06 a peer that shows one good header at a time keeps nobody else from being asked", () => {
  // Each one costs it a block's work and breaks no rule, so nothing but its turn limits it.
  const shown = new Map<BlockHash, Block>();
  const siege = new Siege((siege) => {
    const { params } = siege.scenario;
    const claim = () => {
      const tipHash = shown.size.toString(16).padStart(64, "0") as BlockHash;
      return { ...statusOf(siege), tipHash };
    };
    return {
      status: claim,
      answer: (question) => {
        if (question.type === "get-headers") {
          const block = mineBlock(params.genesis, { params, firstNonce: 100 * shown.size });
          shown.set(block.hash, block);
          return [claim(), headers([block.header])];
        }
        if (question.type !== "get-blocks") return [];
        return [{
          type: "blocks",
          blocks: question.hashes.flatMap((hash) => shown.get(hash) ?? []),
        }];
      },
    };
  });
  assert(siege.untilRelieved() <= CHEAP.reliefMs);
  assert(shown.size > 10, `${shown.size} headers`);
  assert.deepEqual(siege.charges(), []);
  assert(siege.kept.wanted <= CHEAP.wanted && siege.kept.askNext <= 3);
});

Deno.test("F06 of two peers that stall neither is asked twice while somebody else waits", () => {
  const lies = (siege: Siege): Lies => ({ status: boast(siege), answer: () => [] });
  const siege = new Siege(lies, { hasAlly: true });
  const tookMs = siege.untilRelieved();
  assert(tookMs <= 3.5 * DEFAULT_TIMING.requestTimeoutMs, `relieved after ${tookMs} ms`);
});

Deno.test("F06 headers without work cost their sender all of its points at once", () => {
  const siege = besiege("block-bad-work", (siege) => {
    const weak = headersAbove(siege).map((header) => withoutWork(siege, header));
    return {
      status: boast(siege),
      answer: ({ type }) => type === "get-headers" ? [headers(weak)] : [],
    };
  }, { leftMs: 1000 });
  assert.equal(siege.hostile.questionCount, siege.charges().length);
});

Deno.test("F06 good headers with a bad block deep inside are fetched once and never again", () => {
  let bad = "" as BlockHash;
  const siege = besiege("block-bad-transaction", (siege) => {
    const branch = badBranch(siege, 40, 30);
    bad = branch[30]!.hash;
    const blocks = new Map(branch.map((block) => [block.hash, block]));
    return {
      status: boast(siege),
      answer: (question) => {
        if (question.type === "get-headers") return [headers(branch.map(({ header }) => header))];
        if (question.type !== "get-blocks") return [];
        const asked = question.hashes.flatMap((hash) => blocks.get(hash) ?? []);
        return [{ type: "blocks", blocks: asked }];
      },
    };
  }, { leftMs: 1000, wanted: 70 });
  // Three requests of sixteen at most; after that the headers are enough to know the branch by.
  assert(siege.charges().length > 1);
  assert(siege.hostile.heard("get-blocks") <= 3, `${siege.hostile.heard("get-blocks")} requests`);
  const { chain } = siege.scenario.network(0);
  assert.equal(chain.invalidCodeOf(chain.entry(bad)!), "block-bad-transaction");
});

Deno.test("F06 blocks that are not those of their headers cost their sender all of its points", () => {
  besiege("block-bad-merkle-root", (siege) => {
    const { params } = siege.scenario;
    const branch = branchOn(siege, tipOf(siege), 40);
    const blocks = new Map(branch.map((block) => [block.hash, block]));
    const stolen = params.genesis.transactions;
    return {
      status: boast(siege),
      answer: (question) => {
        if (question.type === "get-headers") return [headers(branch.map(({ header }) => header))];
        if (question.type !== "get-blocks") return [];
        return [{
          type: "blocks",
          blocks: question.hashes.flatMap((hash) => {
            const block = blocks.get(hash);
            return block === undefined ? [] : [assembleBlock(block.header, stolen)];
          }),
        }];
      },
    };
  }, { leftMs: 1000, wanted: 70 });
});

Deno.test("X05 good headers with altered bodies: the honest blocks connect, and the liar alone is charged", () => {
  const siege = besiege("block-bad-merkle-root", (siege) => {
    const { chain } = siege.scenario.network(1);
    const stolen = siege.scenario.params.genesis.transactions;
    return {
      answer: (question) => {
        if (question.type === "get-headers") return [headers(headersAbove(siege))];
        if (question.type !== "get-blocks") return [];
        const blocks = question.hashes.flatMap((hash) => {
          const header = chain.entry(hash)?.header;
          return header === undefined ? [] : [assembleBlock(header, stolen)];
        });
        return blocks.length === 0 ? [] : [{ type: "blocks", blocks }];
      },
    };
  }, { leftMs: 1000 });
  const { scenario } = siege;
  const { chain } = scenario.network(0);
  for (const { hash } of scenario.network(1).chain.entries()) {
    const entry = chain.entry(hash);
    assert.equal(entry && chain.invalidCodeOf(entry), undefined);
  }
  for (const peer of scenario.node(0).state!.peers.values()) {
    const isLiar = peer.publicKey === siege.node.config.keyPair.publicKey;
    assert.equal(peer.backOffCount > 0, isLiar, peer.url);
  }
});

Deno.test("F06 what nobody asked for is not kept, and does not make a node ask anybody again", () => {
  const siege = new Siege((siege) => {
    // It claims nothing, so nobody asks it.
    const modest = statusOf(siege);
    return { status: () => modest, answer: () => [] };
  });
  const { scenario, hostile, context } = siege;
  const honest = scenario.network(1).chain;
  const lacking = headersAbove(siege).length;
  const made = branchOn(siege, tipOf(siege), 100);
  const unasked = headers(made.map(({ header }) => header));
  const blocks = mainHeaders(honest, honest.height - lacking + 1)
    .map((_, index) => honest.block(honest.atHeight(honest.height - index)!.hash) as Block);
  const push = () => {
    hostile.say(unasked, context);
    for (const block of blocks) hostile.say({ type: "blocks", blocks: [block] }, context);
    hostile.say({ type: "blocks", blocks: made.slice(0, 16) }, context);
    hostile.say({ type: "not-found", hashes: blocks.map(({ hash }) => hash) }, context);
    scenario.world.at(scenario.world.nowMs + 10, push);
  };
  const from = scenario.effects.length;
  push();
  assert(siege.untilRelieved() <= CHEAP.reliefMs);
  let asked = 0;
  for (const { node, effect } of scenario.effects.slice(from)) {
    if (node !== 0 || effect.type !== "send" || effect.message.type !== "get-blocks") continue;
    asked += effect.message.hashes.length;
  }
  assert.equal(asked, lacking);
  assert.equal(hostile.questionCount, 0);
  // X06: all of it is counted.
  const { ignored } = scenario.node(0).state!;
  for (const kind of ["headers", "blocks", "not-found"] as const) assert(ignored[kind] > 0, kind);
  assert(siege.kept.wanted <= lacking && siege.kept.orphanBlocks <= lacking);
  assert.equal(scenario.network(0).chain.entry(made[0]!.hash), undefined);
});

Deno.test("F06 a flood is heard up to 20,000 messages a second, and then its sender is left", () => {
  const siege = new Siege(() => ({ answer: () => [] }));
  const { scenario, hostile, context } = siege;
  const made = headers(branchOn(siege, tipOf(siege), 3).map(({ header }) => header));
  for (let count = 0; count < 20_100; count++) hostile.say(made, context);
  assert(siege.untilRelieved() <= CHEAP.reliefMs + DEFAULT_TIMING.requestTimeoutMs);
  assert.deepEqual(siege.charges(), ["peer-floods"]);
  assert(siege.leftAfterMs < 1000, `left alone after ${siege.leftAfterMs} ms`);
  assert.equal(siege.health(), "backed-off");
  assert(hostile.messageCount < 10, `${hostile.messageCount} messages`);
  assert(scenario.pay(0, 1, 5)?.ok, "the victim goes on");
});

function headers(list: readonly Header[]): HeadersMessage {
  return { type: "headers", headers: list };
}

/** A claim that nobody can show: a thousand blocks and all the work in the world. */
function boast(siege: Siege): (honest: StatusMessage) => StatusMessage {
  return (honest) => ({
    ...honest,
    tipHash: "00ab".padEnd(64, "cd") as BlockHash,
    tipHeight: (siege.honestHeight + 1000) as Height,
    tipWork: (honest.tipWork * 1000n + 1n) as Work,
  });
}

/** Claims another unknown tip of the victim's own work two hundred times a second. */
function claimAllTheTime(siege: Siege): void {
  const { world } = siege.scenario;
  let count = 0;
  const claim = () => {
    const tipHash = (count++).toString(16).padStart(64, "0") as BlockHash;
    siege.hostile.say({ ...statusOf(siege), tipHash }, siege.context);
    world.at(world.nowMs + 5, claim);
  };
  world.at(world.nowMs, claim);
}

/** What the victim would say of itself: as much work as it has, no more. */
function statusOf(siege: Siege): StatusMessage {
  const { chain, params } = siege.scenario.network(0);
  return {
    type: "status",
    protocolVersion: 2,
    genesisHash: params.genesis.hash,
    hasRing: true,
    tipHash: chain.tip.hash,
    tipHeight: chain.tip.header.height,
    tipWork: chain.tip.work,
    poolSize: 0,
    poolDigest: 0n,
    clockMs: 0,
  };
}

function tipOf(siege: Siege): Parent {
  return siege.scenario.network(0).chain.tip;
}

/** Blocks with real work that nobody else knows. */
function branchOn(siege: Siege, parent: Parent, count: number): Block[] {
  const { params } = siege.scenario;
  const miner = siege.node.config.keyPair.publicKey;
  const blocks: Block[] = [];
  for (let top = parent; blocks.length < count;) {
    const block = mineBlock(top, { params, miner });
    blocks.push(block);
    top = block;
  }
  return blocks;
}

/** A branch in which one block spends what does not exist. */
function badBranch(siege: Siege, count: number, badAt: number): Block[] {
  const { params } = siege.scenario;
  const { keyPair } = siege.node.config;
  const [coin] = siege.scenario.network(0).chain.utxos.coinsOf(keyPair.publicKey);
  assert(coin !== undefined);
  const outputs = [{ owner: keyPair.publicKey, amount: coin[1].amount }];
  const inputs = ["ab".repeat(32) + ":0" as Outpoint];
  const mint = signTransaction({ sender: keyPair.publicKey, inputs, outputs }, { keyPair, params });
  const below = branchOn(siege, tipOf(siege), badAt);
  const bad = mineBlock(below[badAt - 1]!, { params, transactions: [mint] });
  return [...below, bad, ...branchOn(siege, bad, count - badAt - 1)];
}

/** The same header, with a nonce that does not meet the target. */
function withoutWork(siege: Siege, header: Header): Header {
  for (let nonce = 0;; nonce++) {
    const weak = { ...header, nonce };
    if (assembleBlock(weak, []).hash > siege.scenario.params.targetHex) return weak;
  }
}

/** Main-chain headers from a height on. */
function mainHeaders(chain: Chain, from: number): Header[] {
  const list: Header[] = [];
  for (let height = from; height <= chain.height; height++) {
    const entry = chain.atHeight(height);
    if (entry !== undefined) list.push(entry.header);
  }
  return list;
}

/** The honest headers that the victim lacks, or the first of them. */
function headersAbove(siege: Siege, count = Infinity): Header[] {
  const { height } = siege.scenario.network(0).chain;
  return mainHeaders(siege.scenario.network(1).chain, height + 1).slice(0, count);
}
