/**
 * Every text of the lessons, in English: the table that other languages translate.
 *
 * @module
 */

export const ENGLISH = {
  "list.title": "Lessons on a network of real nodes; play one with: {program} demo <lesson>",
  "lesson": "Lesson",
  "expect": "What to expect",
  "happened": "What happened, beside what was expected",
  "agreed": "It agreed: everything happened as expected.",
  "disagreed": "It did not agree: {n} point differs.|It did not agree: {n} points differ.",
  "starting": "Starting {n} nodes …",
  "ready": "{n} nodes run, with 100 NBC each.",
  "continue": "[space: go on, q: stop]",
  "end": "[space: stop the network]",
  "room": "Look at it in the control room (the link opens once): {url}",
  "stopped": "Stopped",
  "failed.not-ready":
    "Cannot play the lesson: not all nodes were ready in time; the machine may be too busy",
  "failed.failed": "Cannot play the lesson: its network failed ({reason})",
  "expected": "expected",
  "observed": "seen",
  "yes": "agreed",
  "no": "differs",
  "tips.node": "node",
  "tips.height": "height",
  "tips.tip": "last block",
  "tips.waiting": "waiting",
  "check.payment": "Nodes whose chain holds the payment",
  "check.supply": "Coins in all, counted anew at every node",
  "check.stuck": "Waited in vain: {what}",
  "wait.alive": "node {id} to stay alive",
  "wait.oneTip": "all nodes at the same block, and nothing left to confirm",
  "wait.height": "a block found",
  "wait.confirmed": "a block with the transaction",
  "wait.everywhere": "the payment known to every node",
  "wait.overtake": "the secret branch longer than the public one",
  "wait.reorganised": "the shop's node on the other branch",
  "wait.caughtUp": "the new node at the others' last block",

  "fork.title": "A fork: two blocks at one height",
  "fork.about":
    "Two miners find a block on top of the same one before they hear of each other. Both blocks are valid.",
  "fork.expect":
    "Two different blocks stand at the same height. Once the nodes hear of each other and nothing is left to mine, all of them take the one with the lower hash; the other stays beside the chain. The payment, which both blocks hold, is in the chain once.",
  "fork.pay":
    "Nobody mines. Node {payer} pays {amount} NBC to node {receiver}; the payment waits at every node.",
  "fork.cut": "The network is cut: no node hears another. Nodes {a} and {c} mine, each for itself.",
  "fork.heal":
    "The network is whole again. Both branches hold the same work, so the rule for ties decides.",
  "fork.check.rivals": "Different blocks at height {height}",
  "fork.check.winner": "The block that all nodes have taken",
  "fork.check.side": "What the other block {hash} is to node {node}",

  "double-spend.title": "A double spend: one coin, two shops",
  "double-spend.about":
    "Mallory has one coin and spends it twice, in two shops whose nodes cannot hear each other.",
  "double-spend.expect":
    "Each shop's node takes the payment that it hears of first, and refuses the other one. In both shops a block confirms the payment. When the network is whole again, the branch with more work decides: exactly one of the two payments stands, and the other shop has nothing.",
  "double.coin": "Node {giver} pays Mallory one coin of {amount} NBC. Her wallet is no node's.",
  "double.cut": "The network is cut: shop {a} on one side, shop {b} and node {c} on the other.",
  "double.spend": "Mallory pays the same {amount} NBC to shop {a} and to shop {b}.",
  "double.both":
    "Both shops, {a} and {b}, see their payment confirmed. The side of shop {b} finds one block more.",
  "double.heal": "The network is whole again.",
  "double.check.accepted": "Shops that take Mallory's payment",
  "double.check.conflict": "What node {node} says to the other payment of the same coin",
  "double.check.one": "Payments in the chain: to shop {a} + to shop {b}",
  "double.check.shop": "NBC that shop {a} has in the end",

  "majority.title": "A majority attack: a confirmed payment is taken back",
  "majority.about":
    "Three of five equal miners belong to one attacker. He pays a shop, waits until it has delivered, and then publishes a longer branch of his own, in which the coin went back to him.",
  "majority.expect":
    "The shop sees its three confirmations and delivers. The secret branch outgrows the public one, since its miners hash more. Once it is published every node changes over to it: the shop's payment is gone, the attacker has his coin, and no coin was made or lost.",
  "majority.coin": "Node {giver} pays the attacker a coin of {amount} NBC.",
  "majority.pay":
    "The attacker pays the {amount} NBC to shop {shop}. From now on the public miners {honest} and his own hear nothing of each other.",
  "majority.secret":
    "In secret the attacker's miners {attackers} take in another payment of the same coin, to himself.",
  "majority.deliver": "The shop waits for {n} confirmations, and delivers.",
  "majority.overtake": "The attacker waits until his branch is the longer one.",
  "majority.race":
    "Since the branches parted the public miners found {open}, the attacker's {secret} blocks.",
  "majority.publish": "The attacker publishes his branch.",
  "majority.check.confirmed": "Confirmations that the shop saw before it delivered",
  "majority.check.gone": "Nodes whose chain still holds the shop's payment",
  "majority.check.shop": "NBC that the shop has in the end",
  "majority.check.attacker": "NBC that the attacker has again",

  "selfish.title": "Selfish mining: secrecy that makes others work for nothing",
  "selfish.about":
    "A pool with a little less than half of the hash rate keeps its blocks secret, and publishes them only when the others catch up.",
  "selfish.expect":
    "The others lose a larger part of their blocks than the pool does. So the pool's share of the chain is larger than its share of the blocks found, and honesty does not pay.",
  "selfish.hide":
    "Pool {pool}, with {share} of the hash rate, hears the others only through its master, who decides what is published.",
  "selfish.play": "The pool plays until the public chain has grown by {n} blocks.",
  "selfish.found":
    "The pool found {pool} blocks and lost {poolLost}; the others found {others} and lost {othersLost}.",
  "selfish.theory":
    "In the long run, by Eyal and Sirer, a pool with {share} of the hash rate gets {low} to {high} of the chain.",
  "selfish.check.waste": "Part of their blocks that the others lost (the pool's in front)",
  "selfish.check.share": "The pool's share of the chain (its share of blocks found in front)",

  "partition.title": "A partition: two halves, two histories",
  "partition.about":
    "A network of five breaks in two. Both parts go on, and do not know of each other.",
  "partition.expect":
    "Each part confirms its own payments in a chain of its own. When the network is whole again, all nodes take the branch with more work. The payments of the other branch wait again and are confirmed anew: none is lost.",
  "partition.cut": "The network breaks: {small} on one side, {large} on the other.",
  "partition.pay":
    "Both parts go on: {a} pays {b}; on the other side {c} pays {d}, {d} pays {e} and {e} pays {c}.",
  "partition.heal": "The network is whole again.",
  "partition.check.two": "Different chains while the network was broken",
  "partition.check.heavier":
    "What block {height} of the larger part is to a node of the smaller one",
  "partition.check.all": "Confirmations of {n} payments, counted at every node",

  "late-joiner.title": "A late joiner: believe nobody, check everything",
  "late-joiner.about":
    "A node comes when the chain has long been growing. It knows one address and trusts nobody.",
  "late-joiner.expect":
    "It fetches the chain, checks every block itself and arrives at the same last block and the same unspent coins as all others. From then on it follows the network.",
  "late.history": "The nodes make {n} payments, a block for each.",
  "late.join": "A new node starts. It knows nothing but the address {bootstrap}.",
  "late.caughtUp": "It has fetched and checked {n} blocks, {seconds} s after it was started.",
  "late.follow": "Node {payer} pays node {receiver}: does the new node see it?",
  "late.check.tip": "The new node's last block",
  "late.check.coins": "Fingerprint of its {n} unspent coins, beside another node's",
  "late.check.supply": "Coins in all, as the new node counts them",
  "late.check.follows": "What the payment is to the new node",

  "tamper.title": "Tampering: what holds the chain together",
  "tamper.about":
    "Somebody changes one amount in a copy of the chain and hands it to the nodes. Then he repairs what gave him away, step by step.",
  "tamper.expect":
    "The change breaks the block's Merkle root and the signature. With the root repaired, the hash no longer has the work, and the next block no longer links to it. Even with all work done again the signature is missing: no node takes the forged chain.",
  "tamper.history": "Node {payer} pays {amount} NBC to node {receiver}; two more blocks follow.",
  "tamper.change":
    "In a copy of block {height} the payment of {from} NBC to node {receiver} becomes one of {to} NBC.",
  "tamper.known":
    "The header is still the honest block's, and so is the hash: the nodes have that block and do not look at another body.",
  "tamper.root":
    "The forger writes the right Merkle root into block {height}. Its hash changes with it.",
  "tamper.mine":
    "The forger does the work again: for this block, for those above it and for one more, {n} in all, so that his chain is the heavier one.",
  "tamper.check.hash": "Do the transactions fit the root in the block's header?",
  "tamper.check.signature": "Has the payer signed what stands there now?",
  "tamper.check.alone": "What the rules say to the changed block",
  "tamper.check.work": "Does the hash meet the target, as work demands?",
  "tamper.check.link": "Does block {height} still link to it?",
  "tamper.check.allWork": "Do all forged blocks have their work now?",
  "tamper.check.refused": "What node {node} says to it",
  "tamper.check.unmoved": "Nodes that left their chain for the forged one",
} as const;

export type LessonTextKey = keyof typeof ENGLISH;
