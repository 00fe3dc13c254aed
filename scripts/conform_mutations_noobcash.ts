/**
 * Faults of our own program for the grader, one at a time.
 *
 * @module
 */
import { type ConformMutation, mutation } from "./conform_mutation.ts";

const WALLET = "lib/http/payment_answers.ts";
const REQUESTS = "lib/node/requests.ts";
const CHECK_BLOCK = "lib/consensus/check_block.ts";
const CHECK_TRANSACTION = "lib/consensus/check_transaction.ts";
const CONNECT = "lib/consensus/connect_block.ts";
const MEMPOOL = "lib/mempool/mempool.ts";
const GUARDS = "lib/http/guards.ts";
const AMOUNT = "const amount = paymentAmountOf(got);";
const SIGNED = "bytesOfHex(txidOf(unsigned))";
const NOT_SIGNED = "new Uint8Array(0 * txidOf(unsigned).length + 32)";

function ours(
  name: string,
  fault: string,
  tests: string,
  ...edits: (readonly [string, string, string])[]
): ConformMutation {
  return mutation("noobcash", { name, fault, tests }, edits);
}

export const NOOBCASH_MUTATIONS: readonly ConformMutation[] = [
  // Level 1
  ours("ring-shows-itself", "the ring has only the node itself", "L104", [
    "lib/http/node_routes.ts",
    "nodes: [...ring, ...others].map((publicKey) => {",
    "nodes: [...ring, ...others].slice(0, 1).map((publicKey) => {",
  ]),
  ours("view-one-behind", "`view` shows the block before the last", "L106", [
    "lib/http/chain_routes.ts",
    "        context.value.ledger.chain.tip,",
    "        context.value.ledger.chain.tip.parent ?? context.value.ledger.chain.tip,",
  ]),
  ours("only-node-0-pays", "only the bootstrap node can pay", "L107", [
    REQUESTS,
    "if (network.membership.id === undefined) {",
    "if (network.membership.id !== 0) {",
  ]),
  ours("one-too-many", "a node too many is taken in", "L110", [
    "lib/node/admission.ts",
    "if (joined.length >= network.params.nodes) {",
    "if (joined.length > network.params.nodes) {",
  ]),
  // Level 2
  ours("pays-zero", "a payment of 0 becomes one of 1", "L202", [
    WALLET,
    AMOUNT,
    "const amount = paymentAmountOf(got === 0 ? 1 : got);",
  ]),
  ours("negative-turned", "a negative amount loses its sign", "L203", [
    WALLET,
    AMOUNT,
    'const amount = paymentAmountOf(typeof got === "number" ? Math.abs(got) : got);',
  ]),
  ours("fraction-cut", "a fraction is cut off", "L204", [
    WALLET,
    AMOUNT,
    'const amount = paymentAmountOf(typeof got === "number" ? Math.trunc(got) : got);',
  ]),
  ours("text-is-one", "text counts as 1", "L205", [
    WALLET,
    AMOUNT,
    'const amount = paymentAmountOf(typeof got === "string" ? 1 : got);',
  ]),
  ours("huge-is-one", "an amount beyond 2^53 counts as 1", "L206", [
    WALLET,
    AMOUNT,
    'const amount = paymentAmountOf(typeof got === "number" && got >= 2 ** 53 ? 1 : got);',
  ]),
  ours("nobody-is-oneself", "a payment to nobody goes to oneself", "L207", [
    WALLET,
    "  const receiver = findWallet(ports.node, to);\n  if (!receiver.ok) return receiver;\n  const reply",
    '  const found = findWallet(ports.node, to);\n  const receiver = found.ok ? found : findWallet(ports.node, "self");\n  if (!receiver.ok) return receiver;\n  const reply',
  ]),
  ours("second-forgotten", "a payment while another waits is answered and forgotten", "L209", [
    REQUESTS,
    "  const taken = takeTransaction(turn, network, transaction.value, undefined);\n  return taken.ok",
    "  if (network.mempool.size > 0) return ok(transaction.value);\n  const taken = takeTransaction(turn, network, transaction.value, undefined);\n  return taken.ok",
  ]),
  ours("change-burnt", "the change is lost with the first payment", "L211 L105", [
    CHECK_TRANSACTION,
    "if (inputSum > wanted)",
    "if (false)",
  ], ["lib/wallet/payment.ts", "if (change > 0) outputs", "if (change < 0) outputs"]),
  ours("keeps-one-back", "the last coin cannot be spent", "L213", [
    "lib/wallet/payment.ts",
    "  const want = (amount + params.fee) as Amount;",
    '  const want = (amount + params.fee) as Amount;\n  if (tiers.reduce((sum, tier) => sum + tier.sum, 0) === want) {\n    return err({ code: "insufficient-funds", have: 0, want });\n  }',
  ]),
  ours("one-input", "a transaction has one input at most", "L214", [
    "lib/primitives/transaction.ts",
    "TRANSACTION_INPUTS_MAX = 256;",
    "TRANSACTION_INPUTS_MAX = 1;",
  ]),
  ours("miners-paid", "every block makes a coin for its miner", "L215 L105", [
    CONNECT,
    "const earned = (this.#params.reward +",
    "const earned = (1 + this.#params.reward +",
  ]),
  ours("throws-on-text", "text as an amount makes the node fail", "L216", [
    WALLET,
    AMOUNT,
    'if (typeof got === "string") throw new Error("text");\n  const amount = paymentAmountOf(got);',
  ]),
  // Level 3
  ours("capacity-off-by-one", "a block holds one transaction too many", "L303", [
    CHECK_BLOCK,
    "if (count > params.capacity)",
    "if (count > params.capacity + 1)",
  ], [
    "lib/mining/template.ts",
    "if (transactions.length === this.#params.capacity) {",
    "if (transactions.length === this.#params.capacity + 1) {",
  ], [
    "lib/node/work.ts",
    "if (mempool.size >= params.capacity) return params.capacity;",
    "if (mempool.size >= params.capacity + 1) return params.capacity + 1;",
  ]),
  // Level 4
  ours("no-signature", "signatures are not checked", "L401 L402 L403 L423", [
    CONNECT,
    "if (!this.#verifier.verify(transaction))",
    "if (false)",
  ], [
    MEMPOOL,
    "if (verifier.verify(transaction)) return ok(undefined);",
    "if (verifier !== undefined) return ok(undefined);",
  ]),
  ours("signature-in-pool-unchecked", "signatures are checked in blocks only", "L401 L402 L403", [
    MEMPOOL,
    "if (verifier.verify(transaction)) return ok(undefined);",
    "if (verifier !== undefined) return ok(undefined);",
  ]),
  ours("signature-in-block-unchecked", "signatures are checked in the pool only", "L423 L431", [
    CONNECT,
    "if (!this.#verifier.verify(transaction))",
    "if (false)",
  ]),
  ours("foreign-coins", "somebody else's coins can be spent", "L405", [
    CHECK_TRANSACTION,
    "if (utxo.owner !== transaction.sender)",
    "if (false)",
  ]),
  ours("inflation", "outputs may be more than inputs", "L407 L424", [
    CHECK_TRANSACTION,
    "if (inputSum < wanted)",
    "if (false)",
  ]),
  ours("burning", "outputs may be less than inputs", "L408", [
    CHECK_TRANSACTION,
    "if (inputSum > wanted)",
    "if (false)",
  ]),
  ours("same-input-twice", "an output may be spent twice by one transaction", "L409", [
    CHECK_TRANSACTION,
    "if (seen.has(outpoint))",
    "if (false)",
  ]),
  ours("spent-is-nobody's", "a missing input counts as what the outputs need", "L404 L406 L426", [
    CHECK_TRANSACTION,
    'if (utxo === undefined) return err({ code: "tx-input-missing", outpoint });',
    "if (utxo === undefined) return ok([]);",
  ]),
  ours(
    "wallet-zero-spends",
    "wallet 0 may spend after genesis",
    "L410",
    [CHECK_TRANSACTION, "if (sender === WALLET_ZERO) return", "if (sender === undefined) return"],
    [CHECK_TRANSACTION, "if (utxo.owner !== transaction.sender)", "if (false)"],
    [
      MEMPOOL,
      "if (verifier.verify(transaction)) return ok(undefined);",
      "if (verifier !== undefined) return ok(undefined);",
    ],
  ),
  ours("no-work", "the work of blocks is not checked", "L421", [
    CHECK_BLOCK,
    "if (hash > target)",
    "if (false)",
  ]),
  ours("spent-in-block-forgotten", "a block may spend an output twice", "L425", [
    CONNECT,
    "spentHere.set(named[0], true);",
    "",
  ]),
  ours("block-any-size", "a received block may hold any number of transactions", "L427", [
    CHECK_BLOCK,
    "if (count > params.capacity)",
    "if (count > params.capacity + 50)",
  ]),
  ours("merkle-unchecked", "the hash need not cover the transactions", "L428", [
    CHECK_BLOCK,
    "if (root !== header.merkleRoot)",
    "if (false)",
  ]),
  ours("height-unchecked", "a block may have any index", "L429", [
    CHECK_BLOCK,
    "if (header.height !== wantedHeight)",
    "if (false)",
  ]),
  ours(
    "target-unchecked",
    "a block may have a difficulty of its own",
    "L430",
    [
      CHECK_BLOCK,
      "if (!isPossible)",
      "if (false)",
    ],
    [CHECK_BLOCK, "if (header.compactTarget !== want)", "if (false)"],
    [CHECK_BLOCK, "if (hash > target)", 'if (hash.startsWith("f"))'],
  ),
  ours("restored-chain-forgotten", "a node that comes back takes a new key", "L503 L507 L508", [
    "lib/store/data_folder.ts",
    "  if (!isThere(keyPath)) {",
    "  if (isThere(keyPath)) Deno.removeSync(keyPath);\n  if (!isThere(keyPath)) {",
  ]),
  ours("pool-keeps-nothing", "what a reorganisation disconnects is forgotten", "L312", [
    MEMPOOL,
    "    for (const { block } of disconnected.toReversed()) {",
    "    for (const { block } of disconnected.slice(0, 0)) {",
  ]),
  // What the assignment's implementations get wrong again and again
  ours(
    "signature-covers-nothing",
    "a signature covers an id of the network, not the content",
    "L401 L402",
    [
      "lib/consensus/transaction_verifier.ts",
      "txid.setFromHex(transaction.txid);",
      "txid.fill(0);",
    ],
    [
      "lib/wallet/payment.ts",
      "message.subarray(-HASH_SIZE_BYTES).setFromHex(txid);",
      "void txid;",
    ],
    ["lib/conform/noobcash_workshop.ts", SIGNED, NOT_SIGNED],
    [
      "lib/runtime/verification/verification_worker.ts",
      "txid.set(packed.subarray(txidOffset, signatureOffset));",
      "txid.fill(0);",
    ],
  ),
  ours("open-to-pages", "any web page can pay", "L217", [
    GUARDS,
    'if (c.req.method === "GET" || c.req.method === "HEAD") return await next();',
    'if (c.req.method === "GET" || c.req.method === "HEAD") return await next();\n    c.header("access-control-allow-origin", "*");\n    c.header("access-control-allow-headers", "*");\n    if (c.req.method === "OPTIONS") return c.body(null, 204);\n    if (gate !== undefined) return await next();',
  ]),
  ours("body-is-evaluated", "what is sent is evaluated as code", "L432", [
    GUARDS,
    'export function guardOrders(gate: Pick<Gate, "orderProblem">): MiddlewareHandler {',
    "export function guardOrders(token: string): MiddlewareHandler {\n  const guarded = guardKnown(token);\n  return async (c, next) => {\n    try {\n      new Function(`return ${await c.req.raw.clone().text()}`)();\n    } catch { /* was none */ }\n    return await guarded(c, next);\n  };\n}\n\nfunction guardKnown(token: string): MiddlewareHandler {",
  ]),
  ours(
    "same-node-twice",
    "a node that asks again to be let in gets another place",
    "L111 L101 L102",
    [
      "lib/node/admission.ts",
      "  const id = ringIdOf(network, from);\n  if (message.observer",
      "  const id = joinedTwice(ringIdOf(network, from));\n  if (message.observer",
    ],
    [
      "lib/node/admission.ts",
      "if (!learnRecord(turn, record, joined.length)) return;",
      "learnRecord(turn, record, joined.length);",
    ],
    [
      "lib/node/admission.ts",
      "function welcome(",
      "function joinedTwice(_id: number | undefined): number | undefined {\n  return undefined;\n}\n\nfunction welcome(",
    ],
  ),
  ours("nothing-kept", "a node that comes back has lost its chain", "L508 L503", [
    "lib/runtime/start_node.ts",
    "    const store = openSqliteStore(folder.databasePath, options.store);",
    '    for (const end of ["", "-wal", "-shm"]) {\n      try {\n        Deno.removeSync(folder.databasePath + end);\n      } catch { /* was none */ }\n    }\n    const store = openSqliteStore(folder.databasePath, options.store);',
  ]),
  ours("last-block-never-mined", "a block that is not full is never mined", "L301", [
    "lib/node/work.ts",
    "if (waitsMs >= params.blockWaitMs || waitsMs < -params.blockWaitMs) return mempool.size;",
    "if (waitsMs < -params.blockWaitMs) return mempool.size;",
  ]),
  ours(
    "shallow-reorganisation",
    "a chain that forks off two blocks below is never adopted",
    "L505",
    [
      "lib/consensus/chain.ts",
      "    if (chosen === tip) {",
      "    const isShallow = parent === tip || parent.parent === tip.parent;\n    if (chosen === tip || !isShallow) {",
    ],
    [
      "lib/consensus/chain.ts",
      "if (this.#choice.isTie(entry, tip)) this.#rivals.push(entry);",
      "if (this.#choice.isTie(entry, tip) && parent === tip.parent) this.#rivals.push(entry);",
    ],
  ),
  ours("no-block-from-outside", "a block that another made is refused", "L400", [
    "lib/http/chain_routes.ts",
    "      const reply = await ports.submitBlock(block);",
    '      const reply = await ports.submitBlock(block);\n      if (reply.ok || !reply.ok) return refuse(c, { code: "token-missing" });',
  ]),
  ours("easier-than-said", "blocks are mined at one zero less", "L305", [
    "lib/primitives/target.ts",
    "const units = 64_000 - Math.round(difficulty * DIFFICULTY_STEPS_PER_UNIT);",
    "const units = 64_000 - Math.round(Math.max(0, difficulty - 1) * DIFFICULTY_STEPS_PER_UNIT);",
  ]),
];
