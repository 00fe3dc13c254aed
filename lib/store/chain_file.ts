/**
 * A chain as one file: what `noobcash chain export` writes and `import` reads.
 *
 * | offset | size | field |
 * |---|---|---|
 * | 0 | 14 | magic, "noobcash/chain" |
 * | 14 | 1 | version, 1 |
 * | 15 | 82 or 90 | parameters, as in `params.ts` |
 * | 97 or 105 | | blocks above genesis, lowest first, each with its size (u32, big endian) in front |
 *
 * A file says nothing about its own truth: whoever reads it validates every block. Reading is in pieces,
 * so that a file of any length is read in little memory; a file that ends within a block is refused.
 *
 * @module
 */
import { isThere } from "./is_there.ts";
import { concatBytes, equalBytes, utf8Bytes } from "../bytes.ts";
import {
  EXTENDED_ENCODING_VERSION,
  EXTENDED_PARAMS_SIZE_BYTES,
  PARAMS_SIZE_BYTES,
} from "../parameter_table.ts";
import { decodeParams, encodeParams, type Params } from "../params.ts";
import { type Block, BLOCK_SIZE_BYTES_MAX, decodeBlock, encodeBlock } from "../primitives/block.ts";
import { storeFailureOf } from "./store_failure.ts";

const MAGIC = utf8Bytes("noobcash/chain");
const VERSION = 1;
/** A file's head, as far as every network's goes. */
const HEAD_SIZE_BYTES = MAGIC.length + 1 + PARAMS_SIZE_BYTES;

/** Blocks are written when this many bytes have gathered. */
const WRITE_SIZE_BYTES = 256 * 1024;

/** A file that is not what it should be. */
export class ChainFileError extends Error {
  override readonly name = "ChainFileError";
  readonly code: "chain-file-foreign" | "chain-file-damaged" | "chain-file-exists";

  constructor(code: ChainFileError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Writes a new file; it appears under its name when it is whole. Gives its size in bytes. */
export async function writeChainFile(
  path: string,
  { params, blocks }: {
    readonly params: Params;
    readonly blocks: Iterable<Block> | AsyncIterable<Block>;
  },
): Promise<number> {
  if (isThere(path)) {
    throw new ChainFileError(
      "chain-file-exists",
      `Cannot write "${path}": there is such a file already; give a new name`,
    );
  }
  const partPath = `${path}.part`;
  try {
    const file = Deno.openSync(partPath, { create: true, truncate: true, write: true });
    let sizeBytes = 0;
    try {
      let gathered: Uint8Array[] = [MAGIC, new Uint8Array([VERSION]), encodeParams(params)];
      let gatheredBytes = concatBytes(gathered).length;
      const flush = () => {
        writeAll(file, concatBytes(gathered));
        sizeBytes += gatheredBytes;
        gathered = [];
        gatheredBytes = 0;
      };
      for await (const block of blocks) {
        const bytes = encodeBlock(block);
        const size = new Uint8Array(4);
        new DataView(size.buffer).setUint32(0, bytes.length);
        gathered.push(size, bytes);
        gatheredBytes += 4 + bytes.length;
        if (gatheredBytes >= WRITE_SIZE_BYTES) flush();
      }
      flush();
      file.syncSync();
    } finally {
      file.close();
    }
    Deno.renameSync(partPath, path);
    return sizeBytes;
  } catch (error) {
    if (isThere(partPath)) Deno.removeSync(partPath);
    throw storeFailureOf(error, `write "${path}"`);
  }
}

/** An open chain file: its network, and its blocks one after the other. */
export interface ChainFile {
  readonly params: Params;
  readonly sizeBytes: number;
  /** May be gone through once. Throws a {@link ChainFileError} at bytes that are no block. */
  readonly blocks: Iterable<Block>;
  close(): void;
}

export function openChainFile(path: string): ChainFile {
  try {
    const file = Deno.openSync(path, { read: true });
    try {
      const params = paramsOf(readHead(file), path);
      const { size } = file.statSync();
      return { params, sizeBytes: size, blocks: blocksOf(file, path), close: () => file.close() };
    } catch (error) {
      file.close();
      throw error;
    }
  } catch (error) {
    throw storeFailureOf(error, `read "${path}"`);
  }
}

/** The head, with the parameters as long as their version makes them. */
function readHead(file: Deno.FsFile): Uint8Array {
  const head = readUpTo(file, HEAD_SIZE_BYTES);
  if (head[MAGIC.length + 1] !== EXTENDED_ENCODING_VERSION) return head;
  return concatBytes([head, readUpTo(file, EXTENDED_PARAMS_SIZE_BYTES - PARAMS_SIZE_BYTES)]);
}

function paramsOf(head: Uint8Array, path: string): Params {
  const isOurs = equalBytes(head.subarray(0, MAGIC.length), MAGIC);
  if (!isOurs || head[MAGIC.length] !== VERSION) {
    throw new ChainFileError(
      "chain-file-foreign",
      `Cannot read "${path}": it is no chain of version ${VERSION}`,
    );
  }
  const params = decodeParams(head.subarray(MAGIC.length + 1));
  if (params === undefined) throw damaged(path, "no parameters", "a network's");
  return params;
}

function* blocksOf(file: Deno.FsFile, path: string): Generator<Block> {
  for (let number = 1;; number++) {
    const size = readUpTo(file, 4);
    if (size.length === 0) return;
    const sizeBytes = size.length === 4 ? new DataView(size.buffer).getUint32(0) : 0;
    if (sizeBytes === 0 || sizeBytes > BLOCK_SIZE_BYTES_MAX) {
      throw damaged(path, `a size that block ${number} cannot have`, "its size");
    }
    const block = decodeBlock(readUpTo(file, sizeBytes));
    if (block === undefined) throw damaged(path, `bytes that are not block ${number}`, "a block");
    yield block;
  }
}

/** Reads so many bytes, or what is left. */
function readUpTo(file: Deno.FsFile, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.slice(0, filled);
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += file.writeSync(bytes.subarray(written));
  }
}

function damaged(path: string, got: string, wanted: string): ChainFileError {
  return new ChainFileError(
    "chain-file-damaged",
    `Cannot read "${path}": got ${got}, wanted ${wanted}`,
  );
}
