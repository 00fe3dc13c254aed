/**
 * What `noobcash chain` does: verify a chain from genesis, write it to a file, read it from one.
 *
 * Every refusal is a value with a stable code. Knows nothing of the command line: progress is told to a
 * callback, results are plain objects whose keys are stable.
 *
 * @module
 */
import type { ApiClient } from "../client/api_client.ts";
import type { StoredEntry } from "../consensus/block_tree.ts";
import type { ChangeRecord } from "../consensus/chain_change.ts";
import { formatCommitment } from "../consensus/utxo_commitment.ts";
import { isSameDelta } from "../consensus/utxo.ts";
import { newMembership } from "../node/membership_record.ts";
import { type Commit, NO_COMMIT } from "../node/persistence.ts";
import type { Params } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { err, invariant, ok, type Result } from "../result.ts";
import {
  type ChainAudit,
  validateChain,
  type ValidateOptions,
  type ValidationError,
} from "../runtime/verification/validate_chain.ts";
import { VerificationPool } from "../runtime/verification/verification_pool.ts";
import { ChainFileError, openChainFile, writeChainFile } from "../store/chain_file.ts";
import { openDataFolder, type PassphraseSource } from "../store/data_folder.ts";
import { openSqliteStore } from "../store/sqlite_store.ts";
import { StoreFailure, storeFailureOf } from "../store/store_failure.ts";
import { payoutCountOf, placeOf } from "./chain_place.ts";
import { type ChainSource, openFolderSource, openNodeSource, SourceError } from "./chain_source.ts";

/** Which chain is meant. */
export type SourceChoice = { readonly dataDir: string } | { readonly client: ApiClient };

export interface WorkOptions {
  /** Threads that verify signatures; all cores when left out. */
  readonly threads?: number | undefined;
  /** Told how far the work is; `heightMax` is unknown when a file is read. */
  readonly onProgress?: ((height: number, heightMax: number | undefined) => void) | undefined;
}

/** Why the work could not be done: `refused` is a verdict on what was found. */
export interface WorkError {
  readonly kind: "refused" | "unreachable" | "internal";
  readonly code: string;
  readonly message: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

export interface VerifyReport {
  readonly source: string;
  readonly height: number;
  readonly tip: BlockHash;
  readonly transactions: number;
  readonly utxoCount: number;
  readonly supply: number;
  readonly supplyExpected: number;
  readonly utxoCommitment: string;
  readonly seconds: number;
  readonly txPerSecond: number;
}

export interface ExportReport {
  readonly source: string;
  readonly file: string;
  readonly height: number;
  readonly tip: BlockHash;
  readonly sizeBytes: number;
}

export interface ImportReport extends VerifyReport {
  readonly dataDir: string;
  /** The id in the ring of the folder's key; null where it has none. */
  readonly nodeId: number | null;
  /** What the folder's node has to be told when it starts, beside what it was told before. */
  readonly startWith: readonly string[];
}

/** How often a running node's chain is read again because it was reorganised meanwhile. */
const ATTEMPTS_MAX = 3;

/** Validates a chain in full and compares what it comes to with what its owner says. */
export async function verifyChain(
  choice: SourceChoice,
  options: WorkOptions,
): Promise<Result<VerifyReport, WorkError>> {
  return await attempt(async () => {
    for (let attempts = 1;; attempts++) {
      const source = await openSource(choice);
      if (!source.ok) return source;
      try {
        const verified = await verifySource(source.value, options);
        const isMoved = !verified.ok && verified.error.code === "chain-not-linear";
        if (!isMoved || attempts === ATTEMPTS_MAX) return verified;
      } finally {
        source.value.close();
      }
    }
  });
}

/** Writes a chain to a new file. What is exported is not validated: importing does that. */
export async function exportChain(
  choice: SourceChoice,
  file: string,
  { onProgress }: WorkOptions,
): Promise<Result<ExportReport, WorkError>> {
  return await attempt(async () => {
    const source = await openSource(choice);
    if (!source.ok) return source;
    const { name, params, height, tip } = source.value;
    try {
      const blocks = countBlocks(source.value, onProgress);
      const sizeBytes = await writeChainFile(file, { params, blocks });
      return ok({ source: name, file, height, tip, sizeBytes });
    } finally {
      source.value.close();
    }
  });
}

/**
 * Validates a file's chain and makes it the chain of a folder that has none. All of it is kept or
 * nothing: the database takes the whole chain in one transaction. A key that the folder has kept gets its
 * place in the network back; one that has no place there is refused, but for an observer's.
 */
export async function importChain(
  file: string,
  dataDir: string,
  options: WorkOptions & {
    readonly isObserver?: boolean;
    /** Opens a key that is sealed. */
    readonly passphraseOf?: PassphraseSource;
  },
): Promise<Result<ImportReport, WorkError>> {
  return await attempt(async () => {
    const source = openChainFile(file);
    const { params, blocks } = source;
    try {
      const folder = openDataFolder(dataDir, options.passphraseOf);
      const store = openSqliteStore(folder.databasePath);
      try {
        if (store.load() !== undefined) {
          return refused(
            "data-folder-not-empty",
            `a chain in "${dataDir}"`,
            "a folder without one",
          );
        }
        store.begin();
        // A network that this folder's key has no place in yet.
        const membership = newMembership(params, { id: undefined, joined: [], records: [] });
        store.commit({ ...NO_COMMIT, membership });
        const first: Transaction[] = [];
        const validated = await validate({ params, blocks, height: undefined }, {
          ...options,
          onConnected: (change) => {
            store.commit(commitOf(change));
            if (first.length >= payoutCountOf(params)) return;
            first.push(...change.connected.flatMap(({ block }) => block.transactions));
          },
        });
        if (!validated.ok) return validated;

        // A key that was made a moment ago can have no place: the folder becomes an observer's.
        const isObserver = options.isObserver === true || folder.isNewKey;
        const place = placeOf(params, { keyPair: folder.keyPair, first, isObserver });
        if (!place.ok) {
          const { code, got, wanted } = place.error;
          return refused(code, got, wanted);
        }
        store.commit({ ...NO_COMMIT, membership: place.value });
        store.end();
        const { id } = place.value;
        return ok({
          ...reportOf(`file "${file}"`, validated.value),
          dataDir,
          nodeId: id ?? null,
          startWith: id === undefined ? ["--observer", "--bootstrap-url"] : startFlagsOf(id),
        });
      } finally {
        store.close();
        folder.close();
      }
    } finally {
      source.close();
    }
  });
}

/** The founder knows what it is; a member has to be told where somebody is. */
function startFlagsOf(id: number): readonly string[] {
  return id === 0 ? [] : ["--bootstrap-url"];
}

/** Hands a source's blocks on; throws when they do not end where it said. */
async function* countBlocks(
  { params, blocks, height, tip }: ChainSource,
  onProgress: WorkOptions["onProgress"],
): AsyncGenerator<Block> {
  let last = params.genesis.hash;
  for await (const block of blocks) {
    yield block;
    last = block.hash;
    onProgress?.(block.header.height, height);
  }
  if (last === tip) return;
  throw new SourceError({
    kind: "refused",
    code: "chain-not-linear",
    message: `Cannot export the chain: got ${last} as its end, wanted ${tip}; try again`,
    evidence: {},
  });
}

async function openSource(choice: SourceChoice): Promise<Result<ChainSource, WorkError>> {
  if ("dataDir" in choice) return ok(openFolderSource(choice.dataDir));
  const source = await openNodeSource(choice.client);
  return source.ok ? source : err(workErrorOf(new SourceError(source.error)));
}

async function verifySource(
  source: ChainSource,
  options: WorkOptions,
): Promise<Result<VerifyReport, WorkError>> {
  const { params, blocks, height } = source;
  let wrongUndo: StoredEntry | undefined;
  const validated = await validate({ params, blocks, height }, {
    ...options,
    onConnected({ connected }) {
      for (const { entry, block, delta } of connected) {
        if (source.readDelta === undefined) continue;
        const stored = source.readDelta(block);
        if (stored === undefined || !isSameDelta(delta, stored)) wrongUndo ??= entry;
      }
    },
  });
  if (!validated.ok) return validated;

  const { audit } = validated.value;
  if (wrongUndo !== undefined) {
    const { hash, header } = wrongUndo;
    const evidence = { hash, height: header.height };
    return refused(
      "chain-undo-differs",
      `undo data that block ${hash} does not have`,
      "its own",
      evidence,
    );
  }
  if (audit.tip !== source.tip) {
    return refused("chain-not-linear", `the tip ${audit.tip}`, source.tip);
  }
  if (audit.supply !== audit.supplyExpected) {
    return refused(
      "chain-supply-differs",
      `${audit.supply} NBC in all`,
      `${audit.supplyExpected} NBC`,
    );
  }
  const utxoCommitment = formatCommitment(audit.utxoCommitment);
  if (utxoCommitment !== source.utxoCommitment) {
    const got = `unspent outputs that commit to ${source.utxoCommitment}`;
    return refused("chain-utxos-differ", got, utxoCommitment);
  }
  source.checkRest?.();
  return ok(reportOf(source.name, validated.value));
}

async function validate(
  { params, blocks, height: heightMax }: {
    readonly params: Params;
    readonly blocks: ChainSource["blocks"];
    readonly height: number | undefined;
  },
  { threads, onProgress, onConnected }: WorkOptions & Pick<ValidateOptions, "onConnected">,
): Promise<Result<{ audit: ChainAudit; seconds: number }, WorkError>> {
  const startMs = performance.now();
  const pool = new VerificationPool(threads === undefined ? {} : { threads });
  try {
    const audit = await validateChain(blocks, {
      params,
      pool,
      nowMs: Date.now(),
      ...(onConnected && { onConnected }),
      onProgress: (height) => onProgress?.(height, heightMax),
    });
    if (!audit.ok) return err(validationErrorOf(audit.error));
    return ok({ audit: audit.value, seconds: (performance.now() - startMs) / 1000 });
  } finally {
    pool.close();
  }
}

function reportOf(
  source: string,
  { audit, seconds }: { readonly audit: ChainAudit; readonly seconds: number },
): VerifyReport {
  return {
    source,
    height: audit.height,
    tip: audit.tip,
    transactions: audit.transactionCount,
    utxoCount: audit.utxoCount,
    supply: audit.supply,
    supplyExpected: audit.supplyExpected,
    utxoCommitment: formatCommitment(audit.utxoCommitment),
    seconds: Math.round(seconds * 1000) / 1000,
    txPerSecond: Math.round(audit.transactionCount / Math.max(seconds, 1e-6)),
  };
}

function commitOf(change: ChangeRecord): Commit {
  const tip = change.connected.at(-1)?.entry.hash;
  invariant(tip !== undefined, "A linear chain only grows");
  return { ...NO_COMMIT, ...change, tip };
}

function validationErrorOf(error: ValidationError): WorkError {
  const { code, height, hash } = error;
  const cause = code === "chain-bad-block" ? error.cause : undefined;
  const got = cause === undefined
    ? `block ${hash} at height ${height}, which does not lie on the one before`
    : `block ${hash} at height ${height}, which breaks the rule "${cause.code}"`;
  return {
    kind: "refused",
    code,
    message: `Cannot take the chain: got ${got}, wanted a valid one`,
    evidence: { height, hash, ...(cause && { cause }) },
  };
}

function refused(
  code: string,
  got: string,
  wanted: string,
  evidence: WorkError["evidence"] = {},
): Result<never, WorkError> {
  const message = `Cannot take the chain: got ${got}, wanted ${wanted}`;
  return err({ kind: "refused", code, message, evidence });
}

/** Turns what a machine, a file or a node failed at into a value; our own mistakes go through. */
async function attempt<T>(
  act: () => Promise<Result<T, WorkError>>,
): Promise<Result<T, WorkError>> {
  try {
    return await act();
  } catch (error) {
    return err(workErrorOf(error));
  }
}

function workErrorOf(thrown: unknown): WorkError {
  const error = storeFailureOf(thrown, "read the database");
  if (error instanceof StoreFailure || error instanceof ChainFileError) {
    return { kind: "refused", code: error.code, message: error.message, evidence: {} };
  }
  if (error instanceof SourceError) {
    const { kind, code, message } = error.error;
    const evidence = error.error.kind === "refused" ? error.error.evidence : {};
    const workKind = kind === "unreachable"
      ? "unreachable"
      : kind === "unexpected"
      ? "internal"
      : "refused";
    return { kind: workKind, code, message, evidence };
  }
  throw error;
}
