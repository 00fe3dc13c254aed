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
import { foreignCode } from "./foreign_code.ts";
import { FORGERIES, type Forgery } from "./level_4_forgeries.ts";
import type { NetworkWish } from "./network_wish.ts";
import type { NodeUnderTest } from "./node_under_test.ts";
import type { TestSession } from "./test_session.ts";
import { Failure, NotApplicable } from "./trouble.ts";

const SMALL: NetworkWish = { nodes: 3, capacity: 2, difficulty: "usual" };

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
  // Once an honest payment has arrived, whatever they may have started is over.
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
    // Where the adapter does not say what yes means, only what follows counts.
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
