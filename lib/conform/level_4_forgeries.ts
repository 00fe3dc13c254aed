/**
 * The forgeries of level 4: what each is called, what it is worth and why, and how the grader makes it
 * itself from what a chain shows, where that can be done.
 *
 * @module
 */
import { changeField, fieldOf } from "./field_path.ts";
import type { BlockView, PaymentView } from "./normalise.ts";
import type { TestSession } from "./test_session.ts";

const FORGED_HASH = `${"0".repeat(8)}${"ab".repeat(28)}`;

export interface Forgery {
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
  /** Tried one after the other; the node has to refuse each of them. */
  readonly things: readonly unknown[];
  /** A hash that must not turn up in any chain. */
  readonly forgedHash?: string;
};

/** What the forging programs of adapters are asked to make. */
export const FORGERIES: readonly Forgery[] = [
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
  // Once more under an unknown id: then it is no repetition, and nothing but the signature is wrong.
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
    // It looks like a hash with work, but it is the hash of nothing.
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
