/**
 * Large simulated networks: a choice of shape, delays and hash power becomes a world that is complete
 * from the start.
 *
 * Only the first node owns coins; the others mine and pass on. In a full mesh all are in the ring and
 * each maker tells everybody; in any other shape news are passed on from neighbour to neighbour.
 *
 * @module
 */
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import type { Signature } from "../crypto/signature.ts";
import {
  ABSTRACT_VERIFIER,
  abstractBlockCheck,
  abstractKeyPair,
  abstractRecord,
} from "./abstract_validation.ts";
import type { ProcessingCost } from "./processing.ts";
import { createTransactionVerifier } from "../consensus/transaction_verifier.ts";
import { DEFAULT_TIMING, type NodeTiming, type Role } from "../node/state.ts";
import { createParams, DEFAULT_PARAMS, type Params, type ParamsChoice } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import { invariant } from "../result.ts";
import { numberedKeyPair, useNumberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { type AddressRecord, signRecord, signRing } from "../wire/ring.ts";
import { type Distribution, draw } from "../random/distribution.ts";
import type { LinkProfile } from "./link_model.ts";
import { randomStream, type Seed } from "../random/random_stream.ts";
import { SettledDisk, SharedBlocks } from "./settled_disk.ts";
import { fullMesh, randomRegular, smallWorld, type Topology } from "./topology.ts";
import type { Trace } from "./trace.ts";
import { type SimNodePlan, urlOfNode, WORLD_EPOCH_MS, type WorldObserver } from "./sim_node.ts";
import { World } from "./world.ts";

export type TopologyChoice =
  | { readonly kind: "full" }
  | { readonly kind: "regular"; readonly degree: number }
  | { readonly kind: "small-world"; readonly degree: number; readonly rewired: number }
  | { readonly kind: "given"; readonly topology: Topology };

export interface NetworkChoice {
  readonly seed: Seed;
  readonly nodes: number;
  readonly topology: TopologyChoice;
  /** One way, each link its own, in ms. */
  readonly latency: Distribution;
  /** Added to each message, in ms. */
  readonly jitter: Distribution;
  /** A node's uplink in bytes a ms; `undefined` for no limit. */
  readonly uplink: Distribution | undefined;
  /** Hash power of a node against the others'. */
  readonly hashPower: Distribution;
  /** The mean time between two blocks of the whole network. */
  readonly intervalMs: number;
  /** How high the chain is to grow. */
  readonly blocks: number;
  readonly transactionsPerSec: number;
  readonly capacity: number;
  readonly difficulty: number;
  /** `full`: every node checks everything; `abstract`: blocks and transactions are sizes and ids. */
  readonly validation: "full" | "abstract";
  /** What a message costs a node's processor; `undefined` for infinitely fast ones. */
  readonly processing: ProcessingCost | undefined;
  /** What each block weighs on the wire beside what it carries. */
  readonly blockSizeBytes: number;
  /** Rules of consensus other than the usual ones. */
  readonly rules?: ConsensusRules;
}

/** Which rules of consensus a network may have chosen. */
export type ConsensusRules = Partial<
  Pick<
    ParamsChoice,
    "forkChoice" | "difficultyAdjustment" | "blockIntervalMs" | "adjustmentWindow"
  >
>;

export const DEFAULT_NETWORK_CHOICE: NetworkChoice = {
  seed: 1,
  nodes: 100,
  topology: { kind: "regular", degree: 8 },
  latency: { kind: "lognormal", median: 60, sigma: 0.6 },
  jitter: { kind: "constant", value: 0 },
  uplink: undefined,
  hashPower: { kind: "constant", value: 1 },
  intervalMs: 10_000,
  blocks: 500,
  transactionsPerSec: 0,
  capacity: 100,
  difficulty: 0,
  validation: "full",
  processing: undefined,
  blockSizeBytes: 0,
};

/** One hex zero: 16 hashes a block at first. */
const ADJUSTED_DIFFICULTY_MIN = 1;

/** Nothing is lost in these networks, so nobody has to ask twice. */
const QUIET_TIMING: NodeTiming = {
  ...DEFAULT_TIMING,
  statusIntervalMs: 1e12,
  requestTimeoutMs: 1e9,
};

export interface PlannedNetwork {
  readonly world: World;
  readonly params: Params;
  readonly topology: Topology;
  /** Each node's share of all hash power. */
  readonly hashShares: readonly number[];
}

export interface NetworkWorldOptions {
  readonly observers?: readonly WorldObserver[];
  readonly trace?: Trace;
  /** Hash power by hand, one number a node, in place of the distribution. */
  readonly hashPowers?: readonly number[];
  /** Whether arrivals that change nothing are left out; they are unless there is a trace. */
  readonly skipsOldNews?: boolean;
}

export function planNetwork(
  choice: NetworkChoice,
  options: NetworkWorldOptions = {},
): PlannedNetwork {
  const { seed, nodes: count } = choice;
  const topology = topologyOf(choice);
  const isFullMesh = choice.topology.kind === "full";
  const params = paramsOf(choice, isFullMesh ? count : 1);
  const isAbstract = choice.validation === "abstract";
  const identities = topology.map((_, index) =>
    isAbstract ? abstractIdentity(index) : identityOf(index)
  );
  const records = identities.map(({ record }) => record);
  const ringKeys = records.slice(0, params.nodes).map(({ publicKey }) => publicKey);
  const ring = signRing(ringKeys, numberedKeyPair(0), params);
  const powers = options.hashPowers ?? drawHashPowers(choice);
  const powerSum = powers.reduce((sum, power) => sum + power, 0);
  invariant(powerSum > 0, "Somebody mines in a network");
  const hashShares = powers.map((power) => power / powerSum);
  const shared = new SharedBlocks();
  const bootstrapUrl = urlOfNode(0);

  const member: Role = { kind: "member", bootstrapUrl, expectations: {} };
  const observer: Role = { kind: "observer", bootstrapUrl, expectations: {} };
  const nodes = topology.map((neighbours, index): SimNodePlan => ({
    ...identities[index] as Identity,
    role: index < params.nodes ? member : observer,
    isMining: true,
    isFullMesh,
    timing: QUIET_TIMING,
    blocksPerMs: (hashShares[index] as number) / choice.intervalMs,
    clockOffsetMs: 0,
    clockDrift: 0,
    startAtMs: 0,
    batchDelayMs: 0,
    disk: new SettledDisk(shared, {
      params,
      id: index < params.nodes ? index : undefined,
      joined: ringKeys,
      ring,
      records: neighbours.map((neighbour) => records[neighbour] as AddressRecord),
      payoutsMade: true,
      startedUp: true,
    }),
  }));

  const verifier = isAbstract ? ABSTRACT_VERIFIER : createTransactionVerifier(params);
  const world = new World({
    seed,
    nodes,
    links: linksOf(choice),
    verifierOf: () => verifier,
    // In a full mesh everybody hears a block once.
    skipsOldNews: options.skipsOldNews ?? (options.trace === undefined && !isFullMesh),
    isSettled: true,
    blockSizeBytes: choice.blockSizeBytes,
    ...(isAbstract ? { checkBlock: abstractBlockCheck } : {}),
    ...(choice.processing === undefined ? {} : { processing: choice.processing }),
    ...(options.observers === undefined ? {} : { observers: options.observers }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
  });
  if (choice.transactionsPerSec > 0) startLoad(world, choice);
  return { world, params, topology, hashShares };
}

/** Each node's hash power against the others'. */
export function drawHashPowers(
  { seed, nodes, hashPower }: Pick<NetworkChoice, "seed" | "nodes" | "hashPower">,
): readonly number[] {
  return Array.from(
    { length: nodes },
    (_, index) => draw(hashPower, randomStream(seed, `node/${index}/power`)),
  );
}

/** How many events pass between two looks at what is not of the world. */
const EVENTS_BETWEEN_LOOKS = 4096;

/**
 * Runs until the first node's chain is as high as wanted.
 *
 * @param look is called now and then between two events
 */
export function runNetwork(
  { world }: PlannedNetwork,
  blocks: number,
  look?: () => void,
): void {
  const [first] = world.nodes;
  const heightOf = () => first?.state?.network?.chain.height ?? 0;
  let eventsLeft = EVENTS_BETWEEN_LOOKS;
  world.run(Infinity, () => {
    if (look !== undefined && --eventsLeft === 0) {
      eventsLeft = EVENTS_BETWEEN_LOOKS;
      look();
    }
    return heightOf() >= blocks;
  });
}

/** Payments of the first node to the others, as a Poisson process. */
function startLoad(world: World, choice: NetworkChoice): void {
  const { seed, nodes, transactionsPerSec } = choice;
  const stream = randomStream(seed, "load");
  const [payer] = world.nodes;
  const receivers = world.nodes.slice(1);
  invariant(
    payer !== undefined && receivers.length > 0,
    `Cannot pay: got ${nodes} nodes, wanted 2`,
  );
  const pay = () => {
    const receiver = stream.pick(receivers).config.keyPair.publicKey;
    const amount = 1 as Amount;
    world.request(payer, (requestId) => ({ type: "pay", requestId, receiver, amount }));
    world.at(world.nowMs + stream.exponential(1000 / transactionsPerSec), pay);
  };
  world.at(stream.exponential(1000 / transactionsPerSec), pay);
}

function paramsOf(choice: NetworkChoice, ringSize: number): Params {
  const params = createParams({
    ...DEFAULT_PARAMS,
    nodes: ringSize,
    capacity: choice.capacity,
    difficulty: choice.difficulty,
    coinsPerNode: 1_000_000,
    blockWaitMs: 0,
    emptyBlocks: true,
    ...rulesOf(choice),
    genesisTimeMs: WORLD_EPOCH_MS - 1000,
    bootstrapKey: numberedKeyPair(0).publicKey,
  });
  invariant(params.ok, "Cannot plan a network: a parameter is out of range");
  return params.value;
}

/** Where the difficulty is adjusted it keeps the interval, and has room to fall. */
function rulesOf({ rules = {}, intervalMs, difficulty }: NetworkChoice): Partial<ParamsChoice> {
  if ((rules.difficultyAdjustment ?? "none") === "none") return rules;
  return {
    blockIntervalMs: Math.max(1, Math.round(intervalMs)),
    difficulty: Math.max(difficulty, ADJUSTED_DIFFICULTY_MIN),
    ...rules,
  };
}

function topologyOf({ seed, nodes, topology }: NetworkChoice): Topology {
  const stream = randomStream(seed, "topology");
  switch (topology.kind) {
    case "full":
      return fullMesh(nodes);
    case "regular":
      return randomRegular({ count: nodes, degree: topology.degree }, stream);
    case "small-world":
      return smallWorld(
        { count: nodes, degree: topology.degree, rewired: topology.rewired },
        stream,
      );
    case "given":
      return topology.topology;
  }
}

function linksOf({ latency, jitter, uplink }: NetworkChoice): LinkProfile {
  return {
    latency,
    jitter,
    uplink,
    lossProbability: 0,
    duplicateProbability: 0,
    reorderProbability: 0,
  };
}

const records = new Map<number, AddressRecord>();

/** Who a node is, and where. */
interface Identity {
  readonly keyPair: KeyPair;
  readonly record: AddressRecord;
}

function abstractIdentity(index: number): Identity {
  const keyPair = abstractKeyPair(index);
  return { keyPair, record: abstractRecord(index, keyPair) };
}

/** The record first: most nodes sign nothing else, and their secrets are not kept then. */
function identityOf(index: number): Identity {
  const record = recordOf(index);
  return { keyPair: numberedKeyPair(index), record };
}

/** A node's record, signed when it is asked for: in a complete network nobody verifies one. */
class NumberedRecord implements AddressRecord {
  readonly publicKey: PublicKey;
  readonly url: string;
  readonly sequence = WORLD_EPOCH_MS;
  readonly #number: number;
  #signature: Signature | undefined = undefined;

  constructor(number: number) {
    this.publicKey = useNumberedKeyPair(number, ({ publicKey }) => publicKey);
    this.url = urlOfNode(number);
    this.#number = number;
  }

  get signature(): Signature {
    const { url, sequence } = this;
    this.#signature ??= signRecord({ url, sequence }, numberedKeyPair(this.#number)).signature;
    return this.#signature;
  }
}

/** A node's record, once for all worlds. */
function recordOf(index: number): AddressRecord {
  let record = records.get(index);
  if (record === undefined) {
    record = new NumberedRecord(index);
    records.set(index, record);
  }
  return record;
}
