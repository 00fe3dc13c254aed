/**
 * The faults that `conform_mutants.ts` builds in, one at a time, and the tests of the grader that are to
 * find each.
 *
 * Two implementations: our own program, and the small node of the assignment's protocol in Python. What
 * our program's raw doors cannot show (it hands out bytes, so that a wrong hash is no hash at all) is built
 * into the other.
 *
 * @module
 */

export interface ConformMutation {
  readonly name: string;
  readonly subject: "noobcash" | "python";
  /** In words, for the table. */
  readonly fault: string;
  readonly edits: readonly {
    readonly file: string;
    readonly find: string;
    readonly replace: string;
  }[];
  /** One of these has to fail. */
  readonly tests: readonly string[];
}

const PYTHON = "scripts/testdata/assignment_node/assignment_node.py";
const WALLET = "lib/http/wallet_routes.ts";
const REQUESTS = "lib/node/requests.ts";
const CHECK_BLOCK = "lib/consensus/check_block.ts";
const CHECK_TRANSACTION = "lib/consensus/check_transaction.ts";
const CONNECT = "lib/consensus/connect_block.ts";
const MEMPOOL = "lib/mempool/mempool.ts";
const AMOUNT = "const amount = paymentAmountOf(got);";

function ours(
  name: string,
  fault: string,
  tests: string,
  ...edits: (readonly [string, string, string])[]
): ConformMutation {
  return made("noobcash", name, fault, tests, edits);
}

function python(
  name: string,
  fault: string,
  tests: string,
  ...edits: (readonly [string, string])[]
): ConformMutation {
  return made(
    "python",
    name,
    fault,
    tests,
    edits.map(([find, replace]) => [PYTHON, find, replace] as const),
  );
}

function made(
  subject: ConformMutation["subject"],
  name: string,
  fault: string,
  tests: string,
  edits: readonly (readonly [string, string, string])[],
): ConformMutation {
  const listed = edits.map(([file, find, replace]) => ({ file, find, replace }));
  return { name, subject, fault, tests: tests.split(" "), edits: listed };
}

export const CONFORM_MUTATIONS: readonly ConformMutation[] = [
  // Level 1
  python("never-listens", "the server is never started", "L101", [
    "    server.serve_forever()",
    "    import time; time.sleep(1e6)",
  ]),
  python("ids-from-one", "ids begin at 1", "L102", [
    "node_id = len(self.ring)\n",
    "node_id = len(self.ring) + 1\n",
  ]),
  python("same-id-for-all", "every node that joins gets id 1", "L102", [
    'return self.answer(200, {"id": node.register(body["url"])})',
    'return self.answer(200, {"id": min(1, node.register(body["url"]))})',
  ]),
  python("start-up-short", "the start-up payments are 99", "L103", [
    "self.pay(node_id, 100)",
    "self.pay(node_id, 99)",
  ]),
  python("start-up-forgets-one", "the last node gets no coins", "L103", [
    "for node_id in range(1, self.args.nodes):",
    "for node_id in range(1, self.args.nodes - 1):",
  ]),
  python("ring-kept", "nodes are not told of each other", "L104", [
    'node.ring = {int(node_id): url for node_id, url in body["ring"].items()}',
    'node.ring = {0: body["ring"]["0"], node.id: body["ring"][str(node.id)]}',
  ]),
  ours("ring-shows-itself", "the ring has only the node itself", "L104", [
    "lib/http/node_routes.ts",
    "nodes: [...ring, ...others].map((publicKey) => {",
    "nodes: [...ring, ...others].slice(0, 1).map((publicKey) => {",
  ]),
  python("a-coin-on-the-way", "the receiver gets one coin less", "L105", [
    '            if tx["receiver"] == wallet:\n                total += tx["amount"]',
    '            if tx["receiver"] == wallet:\n                total += tx["amount"] - (tx["amount"] < 100)',
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
  python("two-are-too-few", "a network of two never opens", "L108", [
    "if len(self.ring) == self.args.nodes:",
    "if len(self.ring) == self.args.nodes > 2:",
  ]),
  python("impatient", "a node that finds no bootstrap node gives up at once", "L109", [
    "for _ in range(300):",
    "for _ in range(1):",
  ]),
  ours("one-too-many", "a node too many is taken in", "L110", [
    "lib/node/admission.ts",
    "if (joined.length >= network.params.nodes) {",
    "if (joined.length > network.params.nodes) {",
  ]),
  // Level 2
  python("overspends", "what is not there can be paid", "L201", [
    'or self.balance(tx["sender"]) < tx["amount"]',
    "",
  ]),
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
  python("self-payment-makes-coins", "a payment to oneself is not taken from oneself", "L208", [
    '            if tx["sender"] == wallet:\n                total -= tx["amount"]',
    '            elif tx["sender"] == wallet:\n                total -= tx["amount"]',
  ]),
  ours("second-forgotten", "a payment while another waits is answered and forgotten", "L209", [
    REQUESTS,
    "  const taken = takeTransaction(turn, network, transaction.value, undefined);\n  return taken.ok",
    "  if (mempool.size > 0) return ok(transaction.value);\n  const taken = takeTransaction(turn, network, transaction.value, undefined);\n  return taken.ok",
  ]),
  python("race-for-funds", "funds are checked, and spent a moment later", "L210 L209", [
    "        with self.lock:\n            tx_id = uuid.uuid4().hex",
    "        if self.balance(self.id) < amount:\n            return False\n        time.sleep(0.3)\n        with self.lock:\n            tx_id = uuid.uuid4().hex",
  ], [
    "            if not self.take_transaction(tx):\n                return False",
    "            self.pool.append(tx)",
  ]),
  ours("change-burnt", "the change is lost with the first payment", "L211 L105", [
    CHECK_TRANSACTION,
    "if (inputSum > wanted)",
    "if (false)",
  ], ["lib/wallet/payment.ts", "if (change > 0) outputs", "if (change < 0) outputs"]),
  python("twice-is-once", "a second payment like the last is answered and not done", "L212", [
    "        with self.lock:\n            tx_id = uuid.uuid4().hex",
    '        if (receiver, amount) == getattr(self, "last", None):\n            return True\n        self.last = (receiver, amount)\n        with self.lock:\n            tx_id = uuid.uuid4().hex',
  ]),
  ours("keeps-one-back", "the last coin cannot be spent", "L213", [
    "lib/wallet/payment.ts",
    "  const want = (amount + params.fee) as Amount;",
    '  const want = (amount + params.fee) as Amount;\n  if (tiers.flatMap((tier) => [...tier]).reduce((sum, [, coin]) => sum + coin.amount, 0) === want) {\n    return err({ code: "insufficient-funds", have: 0, want });\n  }',
  ]),
  ours("one-input", "a transaction has one input at most", "L214", [
    "lib/primitives/transaction.ts",
    "TRANSACTION_INPUTS_MAX = 256;",
    "TRANSACTION_INPUTS_MAX = 1;",
  ]),
  ours("miners-paid", "every block makes a coin for its miner", "L215 L105", [
    CONNECT,
    "const earned = (params.reward +",
    "const earned = (1 + params.reward +",
  ]),
  ours("throws-on-text", "text as an amount makes the node fail", "L216", [
    WALLET,
    AMOUNT,
    'if (typeof got === "string") throw new Error("text");\n  const amount = paymentAmountOf(got);',
  ]),
  // Level 3
  python("no-reorganisation", "a longer chain is never adopted", "L301 L302 L312 L101", [
    "if len(chain) > len(self.chain) and self.chain_is_valid(chain):",
    "if False:",
  ]),
  python("blocks-not-told", "blocks are not broadcast", "L302", [
    'self.broadcast("/receive_block", block)',
    "pass",
  ]),
  ours("capacity-off-by-one", "a block holds one transaction too many", "L303", [
    CHECK_BLOCK,
    "if (count > params.capacity)",
    "if (count > params.capacity + 1)",
  ], [
    "lib/mining/template.ts",
    "if (this.#transactions.length === this.#params.capacity) {",
    "if (this.#transactions.length === this.#params.capacity + 1) {",
  ], [
    "lib/node/work.ts",
    "if (mempool.size >= params.capacity) return params.capacity;",
    "if (mempool.size >= params.capacity + 1) return params.capacity + 1;",
  ]),
  python("one-a-block", "every block holds one transaction", "L304", [
    '"transactions": self.pool[:self.args.capacity],',
    '"transactions": self.pool[:1],',
  ], ["if len(self.pool) < self.args.capacity:", "if len(self.pool) < 1:"]),
  ours("easier-than-said", "blocks are mined at one zero less", "L305", [
    "lib/primitives/target.ts",
    "const units = 64_000 - Math.round(difficulty * DIFFICULTY_STEPS_PER_UNIT);",
    "const units = 64_000 - Math.round(Math.max(0, difficulty - 1) * DIFFICULTY_STEPS_PER_UNIT);",
  ]),
  python("nonce-not-stored", "the stored nonce is not the one that was found", "L306", [
    '                    block["preimage"] = self.preimage(block)',
    '                    block["preimage"] = self.preimage(dict(block, nonce=0))',
  ]),
  python("hash-without-content", "the hash covers a counter only", "L306", [
    "        return json.dumps(fields, sort_keys=True)",
    "        return json.dumps(fields[:2], sort_keys=True)",
  ], [
    'found = hashlib.sha256(f"{head}, {nonce}{tail}".encode()).hexdigest()',
    'found = "0" * self.args.difficulty + uuid.uuid4().hex * 2\n                found = found[:64]',
  ], ['found != block["current_hash"]\n', "False\n"]),
  python("links-to-genesis", "every block names genesis as the one before it", "L307", [
    '"nonce": random.getrandbits(32), "previous_hash": tip["current_hash"]}',
    '"nonce": random.getrandbits(32), "previous_hash": "genesis"}',
  ], [
    '                if block["previous_hash"] != chain[index - 1]["current_hash"]:\n                    return False\n',
    "",
  ], [
    'if block["previous_hash"] == self.chain[-1]["current_hash"]:',
    'if block["index"] == len(self.chain):',
  ]),
  python("genesis-of-another-kind", "genesis has previous hash 0", "L308", [
    '"previous_hash": "1", "current_hash": "genesis"',
    '"previous_hash": "0", "current_hash": "genesis"',
  ]),
  python("pool-emptied", "what was waiting is forgotten with each block", "L309 L301", [
    '        lost = [tx for block in self.chain for tx in block["transactions"]] + self.pool',
    "        lost = []",
  ]),
  python("confirmed-stays", "what a block has confirmed is mined again", "L310 L301", [
    '        if tx["id"] in known or not hmac',
    "        if not hmac",
  ], [
    "        self.chain, self.pool = chain, []",
    "        self.chain, self.pool = chain, self.pool[:]",
  ]),
  python("harder-than-said", "blocks are mined at one zero more", "L311", [
    'if found.startswith("0" * self.args.difficulty):',
    'if found.startswith("0" * (self.args.difficulty + 1)):',
  ]),
  python(
    "difficulty-ignored",
    "blocks are mined at one difficulty, whatever is asked for",
    "L313",
    ["    args = parser.parse_args()", "    args = parser.parse_args()\n    args.difficulty = 2"],
  ),
  // Level 4
  ours("no-signature", "signatures are not checked", "L401 L402 L403 L423", [
    CONNECT,
    "if (!verifier.verify(transaction))",
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
    "if (!verifier.verify(transaction))",
    "if (false)",
  ]),
  python("signature-unchecked", "signatures are not checked", "L403", [
    ' or not hmac.compare_digest(tx["signature"], sign(tx["id"]))',
    "",
  ]),
  python("replay-taken", "a confirmed transaction is taken again", "L411", [
    "            known = self.known_ids() | {waiting",
    "            known = {waiting",
  ], [
    "                    if not self.is_valid(tx, known) or balances",
    "                    if not self.is_valid(tx, set()) or balances",
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
  python("links-unchecked", "a received block's link is not checked", "L422", [
    '                if block["previous_hash"] != chain[index - 1]["current_hash"]:\n                    return False\n',
    "",
  ], [
    'if block["previous_hash"] == self.chain[-1]["current_hash"]:',
    'if block["index"] == len(self.chain):',
  ]),
  ours("spent-in-block-forgotten", "a block may spend an output twice", "L425", [
    CONNECT,
    "spentHere.add(named[0]);",
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
  // Level 5
  python("waits-for-all", "a payment waits until every node has answered", "L501", [
    "        for thread in threads:\n            thread.start()",
    "        for thread in threads:\n            thread.start()\n        for thread in threads:\n            thread.join()",
  ], ["def post(url, body, timeout=5):", "def post(url, body, timeout=60):"]),
  python("dies-with-a-peer", "a node that cannot reach another ends", "L502 L504", [
    "            except OSError:\n                pass\n        threads",
    "            except OSError:\n                import os\n                os._exit(1)\n        threads",
  ]),
  ours("restored-chain-forgotten", "a node that comes back takes a new key", "L503 L508", [
    "lib/store/data_folder.ts",
    "  if (!isThere(keyPath)) {",
    "  if (isThere(keyPath)) Deno.removeSync(keyPath);\n  if (!isThere(keyPath)) {",
  ]),
  python("never-catches-up", "missed blocks are not asked for", "L506 L501", [
    "        self.resolve_conflict()\n        with self.lock:",
    "        with self.lock:",
  ]),
  ours("pool-keeps-nothing", "what a reorganisation disconnects is forgotten", "L312", [
    MEMPOOL,
    "    for (const { block } of disconnected.toReversed()) {",
    "    for (const { block } of disconnected.slice(0, 0)) {",
  ]),
  // Level 6
  python("loses-under-load", "one payment in ten is answered and forgotten", "L601 L602 L603", [
    "        with self.lock:\n            tx_id = uuid.uuid4().hex",
    "        if self.ready and random.random() < 0.1:\n            return True\n        with self.lock:\n            tx_id = uuid.uuid4().hex",
  ]),
  python("slow-to-answer", "a payment is answered after two seconds", "L604", [
    '        if self.path == "/api/create_transaction":',
    '        if self.path == "/api/create_transaction":\n            time.sleep(2)',
  ]),
  python("slow-large-blocks", "a block of many transactions takes seconds more", "L605", [
    "                    if self.take_block(block):",
    '                    time.sleep(0.5 * len(block["transactions"]))\n                    if self.take_block(block):',
  ]),
];
