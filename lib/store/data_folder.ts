/**
 * A node's data folder: who may use it, the node's key, the API token, and where the database is.
 *
 * | file | what | mode |
 * |---|---|---|
 * | `lock` | held by the process that works here; says its process id | 0600 |
 * | `key` | the Ed25519 seed, plain or sealed, see `key_file.ts` | 0600 |
 * | `token` | the bearer token of the API, 32 random bytes in base64url | 0600 |
 * | `chain.db` (`-wal`, `-shm`) | the database, see `schema.ts` | by umask |
 *
 * The folder is made with mode 0700. The lock is the operating system's (`flock`): it goes with the
 * process, however that ends, and nothing has to be cleaned up. Files are written beside their place and
 * moved there whole. A folder that holds something else is refused, and so is one whose parts do not
 * belong together: nothing that exists is ever deleted, replaced or repaired. Called by the runtime, the
 * chain command and, for the token alone, by clients on the same machine.
 *
 * @module
 */
import { join } from "node:path";
import { isThere } from "./is_there.ts";
import { type KeyPair, keyPairOfSeed, SECRET_KEY_SIZE_BYTES } from "../crypto/keys.ts";
import { type KeyFile, openSealedKey, parseKeyFile, plainKeyText } from "./key_file.ts";
import { StoreFailure, storeFailureOf } from "./store_failure.ts";

/** A folder that this process alone works in, until it is closed. */
export interface LockedFolder {
  readonly path: string;
  readonly databasePath: string;
  /** Lets others in. The end of the process does the same. */
  close(): void;
}

/** Gives a passphrase as bytes, which are wiped when they were used; none where nobody knows it. */
export type PassphraseSource = () => Uint8Array | undefined;

/** A locked folder with a node's identity in it. */
export interface DataFolder extends LockedFolder {
  readonly keyPair: KeyPair;
  readonly token: string;
  /** The folder had no key before. */
  readonly isNewKey: boolean;
  /** What opening did, a sentence each. */
  readonly notes: readonly string[];
  /** What somebody should look after, a sentence each. */
  readonly warnings: readonly string[];
}

const DATABASE_NAME = "chain.db";
const KEY_NAME = "key";
const TOKEN_NAME = "token";
const LOCK_NAME = "lock";
const TOKEN_SIZE_BYTES = 32;
const TOKEN_PATTERN = /^[A-Za-z0-9_-]{43}$/;

/** What a new folder may hold before a node made it its own: a half-made one, a fresh file system. */
const HARMLESS_NAMES: ReadonlySet<string> = new Set([
  LOCK_NAME,
  `${KEY_NAME}.part`,
  TOKEN_NAME,
  `${TOKEN_NAME}.part`,
  `${DATABASE_NAME}.part`,
  `${DATABASE_NAME}.part-wal`,
  `${DATABASE_NAME}.part-shm`,
  `${DATABASE_NAME}.part-journal`,
  "lost+found",
]);

/**
 * Opens a node's folder; makes it, its key and its token where there are none.
 *
 * @param passphraseOf asked for where the key is sealed; wiped once it was used
 */
export function openDataFolder(path: string, passphraseOf?: PassphraseSource): DataFolder {
  return attempt(`open the data folder "${path}"`, () => {
    const notes: string[] = [];
    const warnings: string[] = [];
    if (!isThere(path)) {
      Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
      notes.push(`Made the data folder "${path}"`);
    }
    demandOwn(path);

    const folder = lockFolder(path);
    try {
      const isNewKey = !isThere(join(path, KEY_NAME));
      const keyPair = openKey(path, notes, passphraseOf);
      const token = openToken(path, notes);
      for (const name of [KEY_NAME, TOKEN_NAME]) {
        const filePath = join(path, name);
        const { mode } = Deno.statSync(filePath);
        if (mode === null || (mode & 0o077) === 0) continue;
        warnings.push(
          `Others of this machine may read "${filePath}": got mode ` +
            `${(mode & 0o777).toString(8).padStart(4, "0")}, wanted 0600`,
        );
      }
      return { ...folder, keyPair, token, isNewKey, notes, warnings };
    } catch (error) {
      folder.close();
      throw error;
    }
  });
}

/** Locks a folder in which a node has worked before, without making or reading its keys. */
export function lockDataFolder(path: string): LockedFolder {
  return attempt(`open the data folder "${path}"`, () => {
    if (!isThere(join(path, DATABASE_NAME))) {
      throw new StoreFailure(
        "data-folder-foreign",
        `Cannot open the data folder "${path}": there is no "${DATABASE_NAME}" in it, so it is no node's folder`,
      );
    }
    return lockFolder(path);
  });
}

/** Reads a folder's key as far as that goes without a passphrase; `undefined` where there is none. */
export function peekKey(path: string): KeyFile | undefined {
  return attempt(`read the key in "${path}"`, () => {
    const keyPath = join(path, KEY_NAME);
    return isThere(keyPath) ? readKeyFile(keyPath) : undefined;
  });
}

/** Reads a folder's key whole. Throws where there is none, or where the passphrase is wrong. */
export function readSeed(path: string, passphraseOf: PassphraseSource): Uint8Array {
  return attempt(`read the key in "${path}"`, () => {
    const keyPath = join(path, KEY_NAME);
    const file = readKeyFile(keyPath);
    return file.kind === "plain" ? file.seed : unseal(keyPath, file, passphraseOf());
  });
}

/**
 * Writes a folder's key, plain or sealed, in the place of the one that is there. Makes the folder where
 * there is none; refuses one in use.
 *
 * @param options.isNew refuses a folder that has a key
 */
export function writeKey(path: string, text: string, { isNew }: { readonly isNew: boolean }): void {
  attempt(`write the key in "${path}"`, () => {
    if (!isThere(path)) Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    demandOwn(path);
    const folder = lockFolder(path);
    try {
      const keyPath = join(path, KEY_NAME);
      if (isNew && isThere(keyPath)) {
        throw new StoreFailure(
          "data-folder-not-empty",
          `Cannot make a key in "${path}": got one there, wanted a folder without`,
        );
      }
      writeWhole(keyPath, text);
    } finally {
      folder.close();
    }
  });
}

/** Reads the API token of a node's folder, running or not; `undefined` where there is none. */
export function readToken(path: string): string | undefined {
  return attempt(`read the token in "${path}"`, () => readTokenFile(path));
}

function lockFolder(path: string): LockedFolder {
  const lockPath = join(path, LOCK_NAME);
  const file = Deno.openSync(lockPath, { create: true, read: true, write: true, mode: 0o600 });
  if (!file.tryLockSync(true)) {
    file.close();
    const holder = Deno.readTextFileSync(lockPath).trim();
    throw new StoreFailure(
      "data-folder-in-use",
      `Cannot use the data folder "${path}": got one that process ${holder} works in, wanted a free one`,
    );
  }
  file.truncateSync(0);
  file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
  return { path, databasePath: join(path, DATABASE_NAME), close: () => file.close() };
}

/** Refuses a folder with files that no node made: a mistyped path, somebody's home. */
function demandOwn(path: string): void {
  const names = [...Deno.readDirSync(path)].map((entry) => entry.name);
  if (names.includes(KEY_NAME)) return;
  if (names.includes(DATABASE_NAME)) {
    throw new StoreFailure(
      "data-folder-damaged",
      `Cannot open the data folder "${path}": got a database without "${KEY_NAME}", wanted both`,
    );
  }
  const strange = names.find((name) => !HARMLESS_NAMES.has(name));
  if (strange === undefined) return;
  throw new StoreFailure(
    "data-folder-foreign",
    `Cannot open the data folder "${path}": got "${strange}" in it, wanted an empty folder or a node's`,
  );
}

function openKey(
  path: string,
  notes: string[],
  passphraseOf: PassphraseSource | undefined,
): KeyPair {
  const keyPath = join(path, KEY_NAME);
  if (!isThere(keyPath)) {
    const seed = crypto.getRandomValues(new Uint8Array(SECRET_KEY_SIZE_BYTES));
    writeWhole(keyPath, plainKeyText(seed));
    notes.push(`Made a new key`);
    return keyPairOfSeed(seed);
  }

  const file = readKeyFile(keyPath);
  const seed = file.kind === "plain" ? file.seed : unseal(keyPath, file, passphraseOf?.());
  return keyPairOfSeed(seed);
}

function readKeyFile(keyPath: string): KeyFile {
  const file = parseKeyFile(Deno.readTextFileSync(keyPath));
  if (file !== undefined) return file;
  throw new StoreFailure(
    "data-folder-damaged",
    `Cannot read the key "${keyPath}": got something else, wanted 64 hex characters or a sealed key`,
  );
}

function unseal(
  keyPath: string,
  file: Extract<KeyFile, { readonly kind: "sealed" }>,
  passphrase: Uint8Array | undefined,
): Uint8Array {
  if (passphrase === undefined) {
    throw new StoreFailure(
      "passphrase-missing",
      `Cannot open the key "${keyPath}": it is sealed, and no passphrase was given ` +
        "(--passphrase-file, or NOOBCASH_PASSPHRASE)",
    );
  }
  const opened = openSealedKey(file, passphrase);
  if (opened.ok) return opened.value;
  throw new StoreFailure(
    "passphrase-wrong",
    `Cannot open the key "${keyPath}": the passphrase is not the one that it is sealed under`,
  );
}

function openToken(path: string, notes: string[]): string {
  const known = readTokenFile(path);
  if (known !== undefined) return known;

  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_SIZE_BYTES));
  const token = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  writeWhole(join(path, TOKEN_NAME), `${token}\n`);
  notes.push(`Made a new API token`);
  return token;
}

function readTokenFile(path: string): string | undefined {
  const tokenPath = join(path, TOKEN_NAME);
  if (!isThere(tokenPath)) return undefined;
  const token = Deno.readTextFileSync(tokenPath).trim();
  if (TOKEN_PATTERN.test(token)) return token;
  throw new StoreFailure(
    "data-folder-damaged",
    `Cannot read the token "${tokenPath}": got something else, wanted 43 characters of base64url`,
  );
}

/** Writes a file that appears whole, readable by its owner alone. */
function writeWhole(path: string, text: string): void {
  const partPath = `${path}.part`;
  if (isThere(partPath)) Deno.removeSync(partPath);

  const file = Deno.openSync(partPath, { createNew: true, write: true, mode: 0o600 });
  try {
    file.writeSync(new TextEncoder().encode(text));
    file.syncSync();
  } finally {
    file.close();
  }
  Deno.renameSync(partPath, path);
}

function attempt<T>(action: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw storeFailureOf(error, action);
  }
}
