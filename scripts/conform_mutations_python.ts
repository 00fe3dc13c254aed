/**
 * Faults of the small node of the assignment's protocol for the grader, one at a time.
 *
 * What our program's raw doors cannot show (it hands out bytes, so that a wrong hash is no hash at all) is
 * built in here.
 *
 * @module
 */
import { type ConformMutation, mutation } from "./conform_mutation.ts";

const FILE = "scripts/testdata/assignment_node/assignment_node.py";

function python(
  name: string,
  fault: string,
  tests: string,
  ...edits: (readonly [string, string])[]
): ConformMutation {
  const ofFile = edits.map(([find, replace]) => [FILE, find, replace] as const);
  return mutation("python", { name, fault, tests }, ofFile);
}

export const PYTHON_MUTATIONS: readonly ConformMutation[] = [
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
  python("a-coin-on-the-way", "the receiver gets one coin less", "L105", [
    '            if tx["receiver"] == wallet:\n                total += tx["amount"]',
    '            if tx["receiver"] == wallet:\n                total += tx["amount"] - (tx["amount"] < 100)',
  ]),
  python("two-are-too-few", "a network of two never opens", "L108", [
    "if len(self.ring) == self.args.nodes:",
    "if len(self.ring) == self.args.nodes > 2:",
  ]),
  python("impatient", "a node that finds no bootstrap node gives up at once", "L109", [
    "for _ in range(300):",
    "for _ in range(1):",
  ]),
  // Level 2
  python("overspends", "what is not there can be paid", "L201", [
    'or self.balance(tx["sender"]) < tx["amount"]',
    "",
  ]),
  python("self-payment-makes-coins", "a payment to oneself is not taken from oneself", "L208", [
    '            if tx["sender"] == wallet:\n                total -= tx["amount"]',
    '            elif tx["sender"] == wallet:\n                total -= tx["amount"]',
  ]),
  python("race-for-funds", "funds are checked, and spent a moment later", "L210 L209", [
    "        with self.lock:\n            tx_id = uuid.uuid4().hex",
    "        if self.balance(self.id) < amount:\n            return False\n        time.sleep(0.3)\n        with self.lock:\n            tx_id = uuid.uuid4().hex",
  ], [
    "            if not self.take_transaction(tx):\n                return False",
    "            self.pool.append(tx)",
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
  python("one-a-block", "every block holds one transaction", "L304", [
    '"transactions": self.pool[:self.args.capacity],',
    '"transactions": self.pool[:1],',
  ], ["if len(self.pool) < self.args.capacity:", "if len(self.pool) < 1:"]),
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
  python("links-unchecked", "a received block's link is not checked", "L422", [
    '                if block["previous_hash"] != chain[index - 1]["current_hash"]:\n                    return False\n',
    "",
  ], [
    'if block["previous_hash"] == self.chain[-1]["current_hash"]:',
    'if block["index"] == len(self.chain):',
  ]),
  python("never-catches-up", "missed blocks are not asked for", "L506 L501", [
    "        self.resolve_conflict()\n        with self.lock:",
    "        with self.lock:",
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
  // Which nobody asked for, though all balances are right
  python("fills-with-own-payments", "with each payment, one to oneself is made", "L310", [
    '        self.broadcast("/receive_transaction", tx)\n        return True',
    '        self.broadcast("/receive_transaction", tx)\n        if receiver != self.id:\n            self.pay(self.id, 1)\n        return True',
  ]),
  python("twice-is-once", "a second payment like the last is answered and not done", "L212", [
    "        with self.lock:\n            tx_id = uuid.uuid4().hex",
    '        if (receiver, amount) == getattr(self, "last", None):\n            return True\n        self.last = (receiver, amount)\n        with self.lock:\n            tx_id = uuid.uuid4().hex',
  ]),
  python("waits-for-all", "a payment waits until every node has answered", "L501", [
    "        for thread in threads:\n            thread.start()",
    "        for thread in threads:\n            thread.start()\n        for thread in threads:\n            thread.join()",
  ], ["def post(url, body, timeout=5):", "def post(url, body, timeout=60):"]),
  python("dies-with-a-peer", "a node that cannot reach another ends", "L502 L504", [
    "            except OSError:\n                pass\n        threads",
    "            except OSError:\n                import os\n                os._exit(1)\n        threads",
  ]),
];
