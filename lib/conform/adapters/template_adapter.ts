/**
 * Adapters to begin with: an empty one with comments, and one for the reference's endpoints.
 *
 * @module
 */

/** What is asked for before an adapter is written. */
export interface TemplateChoice {
  readonly name: string;
  readonly project: string;
  /** As in `python3 main.py -p {{port}}`. */
  readonly command: string;
  readonly capacity: number | "any";
  readonly difficulty: number;
  /** With the reference's endpoints filled in, or to be filled in. */
  readonly endpoints: "reference" | "blank";
}

export function templateAdapter(choice: TemplateChoice): string {
  const command = wordsOf(choice.command);
  const isOneCommand = !command.includes("-b");
  const run = (extra: readonly string[]) =>
    JSON.stringify([...command.filter((word) => word !== "-b"), ...extra]);
  const start = isOneCommand
    ? `start:\n  run: ${run([])}`
    : `start:\n  bootstrap:\n    run: ${run(["-b"])}\n  others:\n    run: ${run([])}`;
  return `# An adapter for noobcash conform: how to run this implementation and how to talk to it.
# "noobcash conform check-adapter FILE" tries each operation once and shows what came back.
adapter: 1
name: ${JSON.stringify(choice.name)}
# The implementation's folder, from where this file is. It is copied; nothing is ever written to it.
project: ${JSON.stringify(choice.project)}
# shared: all nodes run in one copy. each: every node in a copy of its own.
copy: shared
# build:
#   run: [npm, ci]
#   network: true        # may use this machine's network; nodes never may

# How node i of n starts. Known: {{index}} {{nodes}} {{host}} {{port}} {{port2}} {{url}} {{bootstrapHost}}
# {{bootstrapPort}} {{bootstrapUrl}} {{isBootstrap}} (1 or 0) {{isBootstrapWord}} (true or false) {{capacity}} {{difficulty}} {{folder}} {{project}} {{seed}}.
# Give \`bootstrap:\` and \`others:\` below it where node 0 starts by another command. No shell stands between;
# [sh, -c, "..."] is one. cwd is the project unless said otherwise.
${start}
#  cwd: "{{project}}/src"
#  env: {NAME: value}
# loopback: all nodes at 127.0.0.1, each on its port. addresses: node i listens at an address of its own,
# {{host}}; only then can the network be cut in two.
network: loopback
# any: all at once behind the bootstrap node. one-by-one: each when the one before is ready.
order: one-by-one
# One of: {http: {path: /}} (answers, and not with 5xx), {output: "a regular expression"}, {port: true}.
ready: {port: true, timeout: 30s}
stop: {signal: SIGTERM, grace: 3s}
# Whether a node that was killed comes back, with its coins, by the same command.
restart: false
parameters:
  # A number where the source has it; "any" where {{capacity}} is passed.
  capacity: ${choice.capacity}
  # usual: a block takes about a second. easy and hard only where {{difficulty}} is passed.
  difficulty: {usual: ${choice.difficulty}}
  zeros: hex             # or bits
  coins: 100
  # Whether a block that is not full is mined after a while.
  partialBlocks: false
# confirmed: the balance is that of blocks. pending: waiting transactions count, too.
balanceCounts: ${choice.endpoints === "reference" ? "pending" : "confirmed"}
patience: 20s            # how long until all nodes must agree
timeout: 10s             # how long a call may take
# files: {token: "{{folder}}/token"}     # {{token}} is that file's text
# program: {run: [python3, door.py]}     # JSON lines, for operations with \`program: true\`

# What an operation lacks makes tests "not-applicable", never passed. Known beside the above: {{to}} (the id),
# {{toAddress}} {{toHost}} {{toPort}} {{amount}} {{height}}. value and accepted are JSONata (jsonata.org):
# value over the answer's JSON, accepted over {status, body, text}; $index there is {{index}}, and so on.
operations:
${choice.endpoints === "reference" ? REFERENCE_OPERATIONS : BLANK_OPERATIONS}`;
}

/** The words of a command line; what stands in quotes is one. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2")
  );
}

const BLANK_OPERATIONS = `  # id:               # the node's id
  #   http: {path: /id}
  #   value: id
  # address:          # its public key, as it stands in transactions
  #   http: {path: /wallet}
  #   value: public_key
  pay:
    http: {method: POST, path: /transactions, json: {to: "{{to}}", amount: "{{amount}}"}}
    # accepted: status = 200 and body.status = "ok"
  balance:
    http: {path: /balance}
    value: balance
  # Or by a command: the first group of a regular expression is the value.
  # balance:
  #   command: {run: [python3, client.py, -p, "{{port}}", balance]}
  #   match: "Balance: ([0-9]+)"
  # balances:         # all of them, in the order of ids or as {wallet: amount}
  #   http: {path: /balances}
  # lastTransactions: # a list of {sender, receiver, amount}; ids or addresses
  #   http: {path: /view}
  #   value: 'transactions.{"sender": from, "receiver": to, "amount": amount}'
  # chain:            # blocks from genesis on; preimage (text) or preimageHex: what the hash is of
  #   http: {path: /chain}
  #   value: 'blocks.{"height": index, "hash": hash, "previousHash": previous, "nonce": nonce,
  #     "timestamp": timestamp, "raw": $, "transactions": [transactions.{"id": id, "sender": from,
  #     "receiver": to, "amount": amount, "raw": $}]}'
  # peers:            # how many nodes it knows
  #   http: {path: /ring}
  #   value: $count($)
  # submitTransaction: # hands in {{transaction}}, one of the chain with a field changed; wants "fields" below
  #   http: {method: POST, path: /receive_transaction, json: "{{transaction}}"}
  # submitBlock:
  #   http: {method: POST, path: /receive_block, json: "{{block}}"}
# peerDoors: [/receive_block]   # paths that take bodies from other nodes
# fields:              # where things stand in a raw transaction and a raw block
#   transaction: {amount: amount, receiver: receiver_address, signature: signature}
#   block: {height: index, hash: current_hash, previousHash: previous_hash, nonce: nonce, transactions: transactions}
`;

const REFERENCE_OPERATIONS = `  # The endpoints that the reference implementation has.
  id:
    http: {path: /api/get_id}
    value: '$type($) = "object" ? id : $'
  pay:
    http:
      method: POST
      path: /api/create_transaction
      form: {receiver: "{{to}}", amount: "{{amount}}"}
  balance:
    http: {path: /api/get_balance}
    value: balance
  lastTransactions:
    http: {path: /api/get_transactions}
    value: '[transactions.{"sender": sender, "receiver": receiver, "amount": amount, "id": id}]'
  chain:
    http: {path: /send_chain}
    value: 'blocks.{"height": index, "hash": current_hash, "previousHash": previous_hash, "nonce": nonce,
      "timestamp": timestamp, "preimage": preimage, "raw": $, "transactions": [transactions.{"id": id,
      "sender": sender, "receiver": receiver, "amount": amount, "raw": $}]}'
  submitTransaction:
    http: {method: POST, path: /receive_transaction, json: "{{transaction}}"}
  submitBlock:
    http: {method: POST, path: /receive_block, json: "{{block}}"}
fields:
  transaction: {amount: amount, receiver: receiver, signature: signature, id: id}
  block: {height: index, hash: current_hash, previousHash: previous_hash, nonce: nonce, transactions: transactions}
`;
