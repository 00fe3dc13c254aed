/**
 * The doors of files that lie in a folder: keys and tokens, chain files, databases, recordings.
 *
 * @module
 */
import { join } from "node:path";
import { formatHex, utf8Bytes } from "../../lib/bytes.ts";
import { decodeRecording } from "../../lib/control/recording.ts";
import { numberedKeyPair } from "../../lib/crypto/numbered_key_pair.ts";
import { invariant } from "../../lib/result.ts";
import { ChainFileError, openChainFile, writeChainFile } from "../../lib/store/chain_file.ts";
import { openDataFolder, readToken } from "../../lib/store/data_folder.ts";
import { parseKeyFile, plainKeyText, sealedKeyText } from "../../lib/store/key_file.ts";
import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import { StoreFailure } from "../../lib/store/store_failure.ts";
import { NO_COMMIT } from "../../lib/node/persistence.ts";
import { emptyMembership, TestDisk } from "../../lib/testing/test_disk.ts";
import { testParams } from "../../lib/testing/test_params.ts";
import type { Door } from "./doors.ts";

export function keyDoor(folder: string): Door {
  const seed = new Uint8Array(32).fill(9);
  const sealed = sealedKeyText(seed, utf8Bytes("a passphrase"), (size) => new Uint8Array(size));
  const path = join(folder, "keys");
  openDataFolder(path).close();
  const token = readToken(path) as string;
  return {
    name: "keys and tokens",
    corpus: [plainKeyText(seed), sealed, `${token}\n`].map(utf8Bytes),
    turn: 20,
    take(input) {
      const text = new TextDecoder().decode(input);
      const file = parseKeyFile(text);
      if (file?.kind === "plain") {
        invariant(formatHex(file.seed) === text.trim().toLowerCase(), "A plain key is its seed");
      }
      Deno.writeFileSync(join(path, "token"), input);
      if (file?.kind !== "sealed") Deno.writeFileSync(join(path, "key"), input);
      failuresOnly(() => openDataFolder(path).close());
      Deno.writeTextFileSync(join(path, "token"), `${token}\n`);
      Deno.writeTextFileSync(join(path, "key"), plainKeyText(seed));
    },
  };
}

/** Lets through what a store says when something is wrong with its files, and nothing else. */
function failuresOnly(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof StoreFailure || error instanceof ChainFileError)) throw error;
  }
}

function storedNode(path: string): TestDisk {
  const [alice, bob] = [numberedKeyPair(0), numberedKeyPair(1)];
  const disk = new TestDisk({
    name: "fuzz",
    create: () => openSqliteStore(path),
    reopen: (store) => store,
    destroy: (store) => store.close(),
  }, testParams({ nodes: 2, capacity: 5 }));
  disk.store.commit({ ...NO_COMMIT, membership: emptyMembership(disk.ledger.params) });
  for (let count = 0; count < 4; count++) {
    disk.extend([disk.ledger.pay(alice, bob.publicKey, 1 + count)]);
  }
  disk.store.close();
  return disk;
}

export async function chainFileDoor(folder: string): Promise<Door> {
  const { ledger } = storedNode(join(folder, "file.db"));
  const path = join(folder, "chain.bin");
  await writeChainFile(path, { params: ledger.params, blocks: ledger.mainBlocks() });
  const whole = Deno.readFileSync(path);
  return {
    name: "chain files",
    corpus: [whole],
    turn: 20,
    take(input) {
      Deno.writeFileSync(path, input);
      failuresOnly(() => {
        const file = openChainFile(path);
        try {
          for (const block of file.blocks) {
            invariant(block.hash.length === 64, "A block has a hash");
          }
        } finally {
          file.close();
        }
      });
    },
  };
}

export function databaseDoor(folder: string): Door {
  const path = join(folder, "spoilt.db");
  storedNode(path);
  const whole = Deno.readFileSync(path);
  return {
    name: "databases",
    corpus: [whole],
    turn: 5,
    take(input) {
      for (const suffix of ["-wal", "-shm", "-journal"]) {
        try {
          Deno.removeSync(path + suffix);
        } catch {
          // There is none.
        }
      }
      Deno.writeFileSync(path, input);
      failuresOnly(() => {
        const store = openSqliteStore(path);
        try {
          store.load();
        } finally {
          store.close();
        }
      });
    },
  };
}

export async function recordingDoor(): Promise<Door> {
  const head = { format: "noobcash-recording", version: 1, nodes: [] };
  const lines = utf8Bytes(`${JSON.stringify(head)}\n{"id":1,"timeMs":5}\n`);
  return {
    name: "recordings",
    corpus: [lines, await gzip(lines)],
    turn: 20,
    take: async (input) => void await decodeRecording(new Uint8Array(input)),
  };
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
