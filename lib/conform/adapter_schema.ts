/**
 * What an adapter says of an implementation: how to build it, start node i of n, stop it, and do each
 * operation from outside.
 *
 * A closed schema: unknown keys are refused, so that a mistyped one is not silently ignored. It knows
 * shapes only; `read_adapter.ts` reads the file, `template.ts` fills the templates.
 *
 * @module
 */
import { z } from "zod";

/** The version of the adapter format that this program reads. */
const ADAPTER_VERSION = 1;

/** A duration as in `500ms`, `10s`, `5m`; read as milliseconds. */
const durationSchema = z.string().regex(
  /^[0-9]+(?:\.[0-9]+)?(?:ms|s|m)$/,
  "wanted as in 500ms, 10s, 5m",
)
  .transform((text) => {
    const unit = /[a-z]+$/.exec(text)?.[0] ?? "ms";
    return Number.parseFloat(text) * { ms: 1, s: 1000, m: 60_000 }[unit as "ms" | "s" | "m"];
  }).refine((ms) => ms >= 1 && ms <= 3_600_000, "wanted 1ms to 60m");

/** A size as in `512MB`; read as bytes. */
const sizeSchema = z.string().regex(/^[0-9]+(?:kB|MB|GB)$/, "wanted as in 512MB, 2GB")
  .transform((text) =>
    Number.parseInt(text) * { kB: 1e3, MB: 1e6, GB: 1e9 }[text.slice(-2) as "kB" | "MB" | "GB"]
  );

/** A command: the program and its arguments, each a template; no shell is used. */
const runSchema = z.array(z.string().max(4096)).min(1).max(100);
const environmentSchema = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
  z.string().max(4096),
);

const commandSchema = z.strictObject({
  run: runSchema,
  env: environmentSchema.optional(),
  /** Where it runs; the project's folder when not given. */
  cwd: z.string().optional(),
});

const readySchema = z.union([
  z.strictObject({
    http: z.strictObject({
      path: z.string(),
      method: z.enum(["GET", "POST"]).default("GET"),
      status: z.int().min(100).max(599).optional(),
    }),
    timeout: durationSchema.optional(),
  }),
  z.strictObject({ output: z.string(), timeout: durationSchema.optional() }),
  z.strictObject({ port: z.literal(true), timeout: durationSchema.optional() }),
]);

const httpCallSchema = z.strictObject({
  http: z.strictObject({
    method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("GET"),
    /** After `http://host:port`, or a whole URL. */
    path: z.string(),
    headers: z.record(z.string(), z.string()).optional(),
    /**
     * Sent as JSON, its texts filled as templates. A text that is nothing but a template keeps the value's
     * type.
     */
    json: z.unknown().optional(),
    /** Sent as `application/x-www-form-urlencoded`. */
    form: z.record(z.string(), z.string()).optional(),
    /** Sent as it is. */
    body: z.string().optional(),
  }),
  /** JSONata over `{status, body, text}`: whether the answer says yes; 2xx when not given. */
  accepted: z.string().optional(),
  /** JSONata over the answer's body: the value. */
  value: z.string().optional(),
  timeout: durationSchema.optional(),
});

const lineCallSchema = z.strictObject({
  command: commandSchema,
  /** A regular expression on the output that says yes; exit code 0 when not given. */
  accepted: z.string().optional(),
  /** A regular expression whose first group is the value, or JSONata over the output's JSON. */
  match: z.string().optional(),
  value: z.string().optional(),
  timeout: durationSchema.optional(),
});

const programCallSchema = z.strictObject({
  program: z.literal(true),
  timeout: durationSchema.optional(),
});

export const callSchema = z.union([httpCallSchema, lineCallSchema, programCallSchema]);
export type CallSpec = z.infer<typeof callSchema>;
export type HttpCallSpec = z.infer<typeof httpCallSchema>;
export type LineCallSpec = z.infer<typeof lineCallSchema>;

/** Every operation that a test can ask for, and what its value is. */
const OPERATIONS = {
  id: "the node's id, a whole number",
  address: "the node's own address or public key, a text",
  pay: "pays {{amount}} to node {{to}} ({{toAddress}}); accepted or not",
  balance: "the balance of the node's own wallet, a whole number",
  balances: "all balances as this node knows them: a list in the order of ids, or {wallet: amount}",
  lastTransactions: "the transactions of the last block: a list of {sender, receiver, amount}",
  chain:
    "all blocks from genesis on: a list of {height, hash, previousHash, nonce, timestamp, transactions}",
  block: "the block at {{height}}, as in chain; nothing above the tip",
  peers: "how many nodes this node knows, itself with them, or a list of them",
  submitTransaction: "hands {{transaction}} (JSON, from the chain, changed) to the node",
  submitBlock: "hands {{block}} (JSON, from the chain, changed) to the node",
  forge: "makes the thing named {{what}} and hands it to the node; programs only",
} as const;
export type Operation = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as Operation[];

const operationsSchema = z.strictObject(
  Object.fromEntries(OPERATION_NAMES.map((name) => [name, callSchema.optional()])) as Record<
    Operation,
    z.ZodOptional<typeof callSchema>
  >,
);

/** A parameter that the implementation takes, or one value that its source has. */
const capacitySchema = z.union([z.literal("any"), z.int().min(1).max(1000)]);
const difficultySchema = z.strictObject({
  /** For most tests: a block within about a second. */
  usual: z.number().min(0).max(16),
  /** So easy that blocks are found at the same time, for forks. */
  easy: z.number().min(0).max(16).optional(),
  /** Such that mining takes most of the time, a few seconds a block at most. */
  hard: z.number().min(0).max(16).optional(),
});

/** Where things stand in a raw transaction or block, for forging by changing what the chain shows. */
const fieldsSchema = z.strictObject({
  transaction: z.strictObject({
    amount: z.string(),
    receiver: z.string(),
    signature: z.string(),
    id: z.string().optional(),
  }).optional(),
  block: z.strictObject({
    height: z.string().optional(),
    hash: z.string(),
    previousHash: z.string(),
    nonce: z.string(),
    transactions: z.string(),
  }).optional(),
});

export const adapterSchema = z.strictObject({
  adapter: z.literal(ADAPTER_VERSION),
  name: z.string().regex(/^[A-Za-z0-9._-]{1,60}$/, "wanted letters, digits, dots, dashes"),
  /** The implementation's folder, from where this file is; copied, never written to. */
  project: z.string().optional(),
  /** One copy for all nodes, or one for each. */
  copy: z.enum(["shared", "each"]).default("shared"),
  build: z.strictObject({
    run: runSchema,
    env: environmentSchema.optional(),
    cwd: z.string().optional(),
    timeout: durationSchema.optional(),
    /** Whether building may use this machine's network. */
    network: z.boolean().default(false),
  }).optional(),
  /** `addresses`: node i listens at an address of its own; `loopback`: all at 127.0.0.1. */
  network: z.enum(["addresses", "loopback"]).default("loopback"),
  /** How many ports a node needs: {{port}}, {{port2}}, … */
  ports: z.int().min(1).max(4).default(1),
  /** The first port of node 0, for an implementation that has it in its source. */
  firstPort: z.int().min(1024).max(65_000).optional(),
  nodes: z.strictObject({ max: z.int().min(1).max(100).default(10) }).prefault({}),
  start: z.union([
    commandSchema,
    z.strictObject({ bootstrap: commandSchema, others: commandSchema }),
  ]),
  /** `any`: all at once after the bootstrap node; `one-by-one`: each when the one before is ready. */
  order: z.enum(["any", "one-by-one"]).default("any"),
  ready: readySchema,
  /** A signal, then SIGKILL after the grace. */
  stop: z.strictObject({
    signal: z.enum(["SIGTERM", "SIGINT", "SIGKILL"]).default("SIGTERM"),
    grace: durationSchema.optional(),
  }).prefault({}),
  /** What to call once when all nodes run, at node 0, for an implementation that has to be told. */
  afterStart: callSchema.optional(),
  parameters: z.strictObject({
    capacity: capacitySchema.default("any"),
    difficulty: difficultySchema,
    coins: z.int().min(1).max(1_000_000).default(100),
    /** Whether a block that is not full is mined after a while. */
    partialBlocks: z.boolean(),
    /** Whether the number of zeros is of hex digits or of bits. */
    zeros: z.enum(["hex", "bits"]).default("hex"),
  }),
  /** Which balance `balance` tells: that of blocks alone, or with what waits in the pool. */
  balanceCounts: z.enum(["confirmed", "pending"]).default("confirmed"),
  /** Whether a node that was killed is expected to come back by the same command. */
  restart: z.boolean().default(false),
  /** Files in a node's folder whose text is a variable, such as a token. */
  files: z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/), z.string()).optional(),
  /** A program that speaks JSON lines, for operations that say `program: true`. */
  program: commandSchema.optional(),
  operations: operationsSchema,
  /** Paths at which nodes take bodies from each other, beside those of the operations; for L432. */
  peerDoors: z.array(z.string()).max(20).optional(),
  fields: fieldsSchema.optional(),
  /** How long a settled network may take, and a call. */
  patience: durationSchema.optional(),
  timeout: durationSchema.optional(),
  limits: z.strictObject({
    memory: sizeSchema.optional(),
    processes: z.int().min(1).max(10_000).optional(),
    files: sizeSchema.optional(),
    output: sizeSchema.optional(),
  }).optional(),
  /** Folders outside the project that the implementation may read. */
  readable: z.array(z.string()).max(20).optional(),
});

export type Adapter = z.infer<typeof adapterSchema>;
export type CommandSpec = z.infer<typeof commandSchema>;
