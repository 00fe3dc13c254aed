/**
 * Level 4, forgeries: what nobody may get into the ledger, handed to a node by its raw doors.
 *
 * Two ways. An adapter's program can make anything ({@link FORGERIES}: it reads a node's key, signs, mines);
 * first its honest transaction or block has to be taken, so that a door that refuses everything proves
 * nothing. Or the grader itself changes what the chain shows (`fields` of the adapter) and hands it in.
 *
 * @module
 */
import type { Adapter } from "./adapter_schema.ts";
import type { ConformTest } from "./conform_test.ts";
import { changeField, fieldOf } from "./field_path.ts";
import { foreignCode } from "./foreign_code.ts";
import type { NetworkWish } from "./network_under_test.ts";
import type { NodeUnderTest } from "./node_under_test.ts";
import type { BlockView, PaymentView } from "./normalise.ts";
import type { TestSession } from "./test_session.ts";
import { Failure, NotApplicable } from "./trouble.ts";

const SMALL: NetworkWish = { nodes: 3, capacity: 2, difficulty: "usual" };

const FORGED_HASH = `${"0".repeat(8)}${"ab".repeat(28)}`;

interface Forgery {
  readonly code: string;
  readonly what: string;
  readonly points: number;
  readonly title: string;
  readonly why: string;
  readonly basis?: "beyond the assignment";
  /** How the grader makes it itself, where it can. */
  readonly byFields?: (session: TestSession) => Promise<ByFields | undefined>;
}

type ByFields = {
  readonly operation: "submitTransaction" | "submitBlock";
  /** Tried one after the other; none of them may be taken. */
  readonly things: readonly unknown[];
  /** A hash that must not turn up in any chain. */
  readonly forgedHash?: string;
};

/** What the forging programs of adapters are asked to make. */
const FORGERIES: readonly Forgery[] = [
  {
    code: "L401",
    what: "changed-amount",
    points: 3,
    title: "A transaction whose amount was changed after signing is refused",
    why: "The signature covers the content: verify_signature on every transaction",
    byFields: (session) => changedTransaction(session, "amount", (amount) => Number(amount) + 1),
  },
  {
    code: "L402",
    what: "changed-receiver",
    points: 3,
    title: "A transaction whose receiver was changed after signing is refused",
    why: "Else whoever relays a payment can take it",
    byFields: (session) => changedTransaction(session, "receiver", (_, other) => other),
  },
  {
    code: "L403",
    what: "bad-signature",
    points: 3,
    title: "A transaction with a wrong signature is refused",
    why: "Valid = the signature verifies, and …",
    byFields: (session) => changedTransaction(session, "signature", spoil),
  },
  {
    code: "L404",
    what: "spent-input",
    points: 3,
    title: "A signed transaction that spends a spent output is refused",
    why: "Valid = the inputs exist and are unspent",
  },
  {
    code: "L405",
    what: "foreign-input",
    points: 3,
    title: "A signed transaction that spends somebody else's output is refused",
    why: "Valid = the inputs belong to the sender",
  },
  {
    code: "L406",
    what: "unknown-input",
    points: 2,
    title: "A signed transaction with an input that never existed is refused",
    why: "Valid = the inputs exist",
  },
  {
    code: "L407",
    what: "inflated-output",
    points: 3,
    title: "A signed transaction whose outputs are more than its inputs is refused",
    why: "Inputs = outputs in sum",
  },
  {
    code: "L408",
    what: "burnt-change",
    points: 1,
    title: "A signed transaction whose outputs are less than its inputs is refused",
    why: "Inputs = outputs in sum; coins must not vanish either",
  },
  {
    code: "L409",
    what: "same-input-twice",
    points: 2,
    title: "A signed transaction that names one output twice is refused",
    why: "An output is spent once",
  },
  {
    code: "L410",
    what: "wallet-zero",
    points: 2,
    title: "A transaction from wallet 0 after genesis is refused",
    why: "Only genesis makes coins",
  },
  {
    code: "L411",
    what: "replayed",
    points: 2,
    title: "A confirmed transaction that is handed in again changes nothing",
    why: "Its inputs are spent",
    byFields: async (session) => {
      session.need("submitTransaction");
      const sample = await confirmedPayment(session);
      return sample && { operation: "submitTransaction", things: [sample.raw] };
    },
  },
  {
    code: "L421",
    what: "block-without-work",
    points: 4,
    title: "A block without proof of work is refused",
    why: "Everyone checks a received block's hash and work",
    byFields: (session) => changedBlock(session, { nonce: 1 }),
  },
  {
    code: "L422",
    what: "block-wrong-link",
    points: 3,
    title: "A block that follows no block of the chain is refused",
    why: "Everyone checks a received block's previous hash",
    byFields: (session) => changedBlock(session, { previousHash: "ab".repeat(32) }),
  },
  {
    code: "L423",
    what: "block-bad-signature",
    points: 3,
    title: "A mined block with a wrongly signed transaction is refused",
    why: "Everyone checks every transaction of a received block",
  },
  {
    code: "L424",
    what: "block-inflated",
    points: 3,
    title: "A mined block with a transaction that makes coins is refused",
    why: "Everyone checks every transaction of a received block",
  },
  {
    code: "L425",
    what: "block-double-spend",
    points: 3,
    title: "A mined block that spends one output twice is refused",
    why: "Every transaction of a block is checked on top of those before it",
  },
  {
    code: "L426",
    what: "block-confirmed-again",
    points: 2,
    title: "A mined block with a transaction that an earlier block has is refused",
    why: "Its inputs are spent",
  },
  {
    code: "L427",
    what: "block-over-capacity",
    points: 2,
    title: "A mined block with more than `capacity` transactions is refused",
    why: "A block holds at most `capacity` transactions",
  },
  {
    code: "L428",
    what: "block-changed-body",
    points: 3,
    title: "A block whose transactions were exchanged after mining is refused",
    why: "The hash covers the transactions",
  },
  {
    code: "L429",
    what: "block-wrong-height",
    points: 1,
    title: "A mined block with a wrong index is refused",
    why: "A block has an index; it is the one before it and one",
    basis: "beyond the assignment",
  },
  {
    code: "L430",
    what: "block-easy-target",
    points: 2,
    title: "A block mined at a difficulty of its own is refused",
    why: "The difficulty is the network's",
  },
  {
    code: "L431",
    what: "chain-longer-invalid",
    points: 4,
    title: "A longer chain with one wrong transaction in it is refused as a whole",
    why: "resolve_conflict adopts the longest *valid* chain",
  },
];

export const LEVEL_4: readonly ConformTest[] = [
  {
    code: "L400",
    level: 4,
    points: 1,
    title: "An honest transaction and an honest block, handed in from outside, are taken",
    why:
      "Shows that the raw doors work: what is refused below is refused for what is wrong with it",
    basis: "beyond the assignment",
    needs: ["forge", "pay", "balance"],
    network: SMALL,
    async run(session) {
      await session.begin();
      await control(session, "valid-transaction", "judged");
      await control(session, "valid-block", "judged");
    },
  },
  ...FORGERIES.map((forgery): ConformTest => ({
    code: forgery.code,
    level: 4,
    points: forgery.points,
    title: forgery.title,
    why: forgery.why,
    basis: forgery.basis ?? "assignment",
    needs: ["pay", "balance"],
    network: SMALL,
    notFor: (adapter) =>
      adapter.operations.forge !== undefined ||
        (forgery.byFields !== undefined && adapter.fields !== undefined)
        ? undefined
        : 'the adapter has neither the operation "forge" nor "fields" for this',
    run: (session) => judge(session, forgery),
  })),
  {
    code: "L432",
    level: 4,
    points: 3,
    title: "Bytes from a stranger run no code and stop no node",
    why: "Pickles and evaluated text let whoever reaches the port do anything on the machine",
    basis: "beyond the assignment",
    needs: ["pay", "balance"],
    network: SMALL,
    notFor: (adapter) =>
      doorsOf(adapter).length > 0 ? undefined : "the adapter names no door that takes bytes",
    run: runForeignCode,
  },
];

/** Every path that takes a body, as far as the adapter tells. */
function doorsOf({ operations, peerDoors = [] }: Adapter): readonly string[] {
  const { pay, submitTransaction, submitBlock } = operations;
  const posts = [pay, submitTransaction, submitBlock].flatMap((spec) =>
    spec !== undefined && "http" in spec && spec.http.method !== "GET" ? [spec.http.path] : []
  );
  return [...new Set([...posts, ...peerDoors])];
}

async function runForeignCode(session: TestSession): Promise<void> {
  const { net } = session;
  await session.begin();
  const { folder } = net.nodes[1] as NodeUnderTest;
  const payloads = foreignCode(folder);
  for (const path of doorsOf(net.adapter)) {
    for (const payload of payloads) await net.sendRaw(1, path, payload);
  }
  // By the time that an honest payment has arrived, what they may have started is over.
  await session.probe();
  for (const { name, marker } of payloads) {
    if (await isThere(marker)) {
      throw new Failure(`node 1 has run the code that it was sent (${name})`);
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function judge(session: TestSession, forgery: Forgery): Promise<void> {
  const { net } = session;
  let forgedHash: string | undefined;
  await session.begin();
  if (net.has("forge")) {
    await control(
      session,
      forgery.what.startsWith("block") || forgery.what.startsWith("chain")
        ? "valid-block"
        : "valid-transaction",
    );
    const answer = await net.forge(1, forgery.what, { from: 0, to: 2, amount: 3 });
    session.note(`${forgery.what}: ${answer}`);
    if (answer === "accepted" && forgery.what !== "replayed") {
      throw new Failure(`node 1 took it (${forgery.what})`);
    }
  } else {
    // A chain to take samples from.
    await session.pay(0, 2, 3);
    await session.settle();
    if (net.hasChain) await session.untilConfirmed();
    const made = await forgery.byFields?.(session);
    if (made === undefined) {
      throw new NotApplicable("the adapter's fields do not tell enough to make it");
    }
    const answers: string[] = [];
    for (const thing of made.things) answers.push(await net.submit(1, made.operation, thing));
    session.note(`${forgery.what}: ${answers.join(", ")}`);
    forgedHash = made.forgedHash;
    const says = net.adapter.operations[made.operation];
    // Without a word on what yes means, only what follows counts.
    const isClear = says !== undefined && "accepted" in says && says.accepted !== undefined;
    if (answers.includes("accepted") && isClear && forgery.what !== "replayed") {
      throw new Failure(`node 1 took it (${forgery.what})`);
    }
  }
  if (forgedHash !== undefined && (await net.chain(1)).some(({ hash }) => hash === forgedHash)) {
    throw new Failure(`node 1 has it in its chain (${forgery.what})`);
  }
  const before = net.hasChain ? (await net.chain(1)).map(({ hash }) => hash) : [];
  // Honest payments go on, and no balance has moved.
  await session.probe();
  await session.probe();
  if (net.hasChain) {
    await session.untilOneTip();
    const after = await net.chain(1);
    if (after.length < before.length) {
      throw new Failure(`node 1 had ${before.length} blocks, and has ${after.length} now`);
    }
  }
}

/** The door takes what is right. Once for a network. */
async function control(
  session: TestSession,
  what: "valid-transaction" | "valid-block",
  use: "judged" | "presupposed" = "presupposed",
): Promise<void> {
  const known = session.shared.get(what);
  if (known !== undefined) return void await known;
  const made = (async () => {
    const answer = await session.net.forge(1, what, { from: 0, to: 2, amount: 3 });
    if (answer !== "accepted") {
      const why = `the raw door refuses an honest one (${what}: ${answer})`;
      if (use === "judged") throw new Failure(why);
      throw new NotApplicable(`${why}, so it proves nothing`);
    }
    session.record(0, 2, 3);
    await session.settle();
  })();
  session.shared.set(what, made);
  await made;
}

/** A payment of the chain, changed in one field, its sender's newest. */
async function changedTransaction(
  session: TestSession,
  name: "amount" | "receiver" | "signature",
  change: (value: unknown, otherReceiver: unknown) => unknown,
): Promise<ByFields | undefined> {
  session.need("submitTransaction");
  const path = session.net.adapter.fields?.transaction?.[name];
  const receiverPath = session.net.adapter.fields?.transaction?.receiver;
  if (path === undefined || receiverPath === undefined) return undefined;
  const sample = await confirmedPayment(session);
  if (sample === undefined) return undefined;
  const other = session.net.addressOf(1) ?? session.net.idOf(1);
  const changed = changeField(sample.raw, path, change(fieldOf(sample.raw, path), other));
  // Once more under an id that nobody knows: then it is no repetition, and only the signature is wrong.
  const idPath = session.net.adapter.fields?.transaction?.id;
  const renamed = idPath === undefined
    ? []
    : [changeField(changed, idPath, spoilText(String(fieldOf(changed, idPath))))];
  return { operation: "submitTransaction", things: [changed, ...renamed] };
}

/** The last block, made its own successor without any work. */
async function changedBlock(
  session: TestSession,
  { nonce, previousHash }: { readonly nonce?: number; readonly previousHash?: string },
): Promise<ByFields | undefined> {
  session.need("submitBlock");
  const fields = session.net.adapter.fields?.block;
  const tip = await tipOf(session);
  if (fields === undefined || tip === undefined) return undefined;
  let thing = tip.raw;
  thing = changeField(thing, fields.previousHash, previousHash ?? tip.hash);
  if (fields.height !== undefined) {
    thing = changeField(thing, fields.height, Number(fieldOf(thing, fields.height)) + 1);
  }
  if (nonce !== undefined) {
    thing = changeField(thing, fields.nonce, nonce);
    // Looks as if there were work, but is the hash of nothing.
    thing = changeField(thing, fields.hash, FORGED_HASH);
  }
  // Once more without transactions: then nothing is wrong with it but the work, or the link.
  const things = [thing, changeField(thing, fields.transactions, [])];
  return {
    operation: "submitBlock",
    things,
    ...(nonce !== undefined && { forgedHash: FORGED_HASH }),
  };
}

async function confirmedPayment(session: TestSession): Promise<PaymentView | undefined> {
  session.needChain();
  const chain = await session.net.chain(1);
  return chain.flatMap(({ transactions }) => transactions).findLast(({ sender, receiver }) =>
    sender === 0 && receiver === 2
  );
}

async function tipOf(session: TestSession): Promise<BlockView | undefined> {
  session.needChain();
  return (await session.net.chain(1)).at(-1);
}

/** A signature is a text or a list of bytes. */
function spoil(value: unknown): unknown {
  if (!Array.isArray(value)) return spoilText(String(value));
  const middle = Math.floor(value.length / 2);
  return value.with(middle, (Number(value[middle]) + 1) % 256);
}

function spoilText(text: string): string {
  const middle = Math.floor(text.length / 2);
  const other = text[middle] === "a" ? "b" : "a";
  return text.slice(0, middle) + other + text.slice(middle + 1);
}
