import assert from "node:assert/strict";
import { hash } from "node:crypto";
import fc from "fast-check";
import { type Kernel, openKernel, targetBytes } from "./kernel.ts";
import { type KernelName, loadKernel } from "./load_kernel.ts";

const TARGET_MAX = (1n << 256n) - 1n;
const NAMES: readonly KernelName[] = ["scalar", "simd4", "simd8"];

/**
 * Set in the process that runs these tests once more, with the engine's vectorizer on and its
 * baseline compiler off, so that it is the optimized code which is tested.
 */
const SECOND_RUN = "NOOBCASH_KERNEL_TEST_SECOND_RUN";
const SECOND_RUN_FLAGS = "--v8-flags=--experimental-wasm-revectorize,--no-liftoff";

const modules = new Map(
  await Promise.all(NAMES.map(async (name) => [name, (await loadKernel(name)).module] as const)),
);

function open(name: KernelName): Kernel {
  return openKernel(modules.get(name)!);
}

function randomHeader(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(116));
}

/** A header whose lowest hash of the nonces 1,000 .. 1,063 is at none of the first 17. */
function headerWithLateSolution(): Uint8Array<ArrayBuffer> {
  for (;;) {
    const header = randomHeader();
    const hashes = Array.from({ length: 64 }, (_, i) => plainHash(header, 1_000 + i));
    if (hashes.indexOf(hashes.toSorted()[0]!) >= 17) return header;
  }
}

/** The header's hash with a nonce, by node:crypto. */
function plainHash(header: Uint8Array, nonce: number): string {
  const nonced = header.slice();
  new DataView(nonced.buffer).setUint32(112, nonce);
  return hash("sha256", nonced, "hex");
}

/** The first passing nonce of a range, by node:crypto. */
function plainSearch(
  header: Uint8Array,
  target: bigint,
  { first, count }: { readonly first: number; readonly count: number },
): number | undefined {
  for (let nonce = first; nonce < first + count; nonce++) {
    if (BigInt(`0x${plainHash(header, nonce)}`) <= target) return nonce;
  }
  return undefined;
}

Deno.test("the scalar kernel's compression gives the digests of FIPS 180-4", () => {
  const vectors: readonly (readonly [string, string])[] = [
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
    [
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
    ],
    ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
  ];

  for (const [message, digest] of vectors) {
    assert.equal(compressMessage(new TextEncoder().encode(message)), digest);
  }
});

/** Hashes any message with the kernel's compression function, padding here. */
function compressMessage(message: Uint8Array): string {
  const exports = new WebAssembly.Instance(modules.get("scalar")!).exports as unknown as {
    memory: WebAssembly.Memory;
    resetState(state: number): void;
    compress(state: number, block: number): void;
  };
  const stateOffset = 192;
  const padded = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  new DataView(padded.buffer).setBigUint64(padded.length - 8, BigInt(message.length) * 8n);

  exports.resetState(stateOffset);
  for (let offset = 0; offset < padded.length; offset += 64) {
    new Uint8Array(exports.memory.buffer).set(padded.subarray(offset, offset + 64), 0);
    exports.compress(stateOffset, 0);
  }

  const state = new DataView(exports.memory.buffer, stateOffset, 32);
  return [0, 4, 8, 12, 16, 20, 24, 28]
    .map((offset) => state.getUint32(offset, true).toString(16).padStart(8, "0"))
    .join("");
}

Deno.test("the scalar kernel agrees with node:crypto on 100,000 random headers", () => {
  const kernel = open("scalar");
  const noTarget = targetBytes(0n);

  for (let i = 0; i < 100_000; i++) {
    const header = randomHeader();
    const nonce = new DataView(header.buffer).getUint32(112);

    kernel.load(header, noTarget);

    assert.equal(kernel.hash(nonce).toHex(), hash("sha256", header, "hex"));
  }
});

for (const name of NAMES) {
  Deno.test(`${name} finds a solution in every lane and at both ends of a range`, () => {
    const kernel = open(name);
    const header = headerWithLateSolution();

    // The target is the lowest hash of 64 nonces, so that its nonce is the one solution among them.
    const hashes = Array.from(
      { length: 64 },
      (_, i) => BigInt(`0x${plainHash(header, 1_000 + i)}`),
    );
    const lowest = hashes.reduce((low, value) => value < low ? value : low);
    const solution = 1_000 + hashes.indexOf(lowest);
    kernel.load(header, targetBytes(lowest));

    for (let first = Math.max(1_000, solution - 17); first <= solution; first++) {
      for (let count = solution - first + 1; count <= 1_064 - first; count++) {
        assert.equal(kernel.search(first, count), solution, `first ${first}, count ${count}`);
      }
      if (first < solution) assert.equal(kernel.search(first, solution - first), undefined);
    }

    kernel.load(header, targetBytes(lowest - 1n));
    assert.equal(kernel.search(1_000, 64), undefined);
  });

  Deno.test(`${name} searches the last nonces and goes no further`, () => {
    const kernel = open(name);
    const header = randomHeader();
    const last = 2 ** 32 - 1;
    const lastHash = BigInt(`0x${plainHash(header, last)}`);

    kernel.load(header, targetBytes(TARGET_MAX));
    assert.equal(kernel.search(last, 1), last);

    // Nonce 0 follows the last in the lanes; the range has ended before it.
    kernel.load(header, targetBytes(0n));
    for (let count = 1; count <= 20; count++) {
      assert.equal(kernel.search(2 ** 32 - count, count), undefined);
    }

    kernel.load(header, targetBytes(lastHash));
    const expected = plainSearch(header, lastHash, { first: last - 19, count: 20 });
    assert.equal(kernel.search(last - 19, 20), expected);

    assert.throws(() => kernel.search(last, 2), { name: "InvariantError" });
    assert.throws(() => kernel.search(5, 0), { name: "InvariantError" });
  });

  Deno.test(`${name} passes nothing at target zero and everything at all ones`, () => {
    const kernel = open(name);
    const header = randomHeader();

    kernel.load(header, targetBytes(0n));
    assert.equal(kernel.search(0, 1_000_000), undefined);

    kernel.load(header, targetBytes(TARGET_MAX));
    for (const first of [0, 1, 2, 3, 4, 5, 7, 8, 77, 2 ** 31, 2 ** 32 - 3]) {
      assert.equal(kernel.search(first, 3), first);
    }
  });

  Deno.test(`${name} finds the first solution of a range, or none when there is none`, () => {
    const kernel = open(name);

    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 116, maxLength: 116 }),
        fc.bigInt({ min: 0n, max: TARGET_MAX }),
        fc.integer({ min: 0, max: 12 }),
        fc.oneof(fc.nat(2 ** 31 - 1), fc.integer({ min: 2 ** 32 - 1_500, max: 2 ** 32 - 1 })),
        fc.integer({ min: 1, max: 1_500 }),
        (bytes, targetSeed, shift, first, wanted) => {
          const header = Uint8Array.from(bytes);
          const target = targetSeed >> BigInt(shift);
          const count = Math.min(wanted, 2 ** 32 - first);

          kernel.load(header, targetBytes(target));

          assert.equal(
            kernel.search(first, count),
            plainSearch(header, target, { first, count }),
          );
        },
      ),
      { numRuns: 150 },
    );
  });
}

Deno.test("the SIMD kernels compute every hash's first word like node:crypto", () => {
  const header = randomHeader();

  // A target that ends in the first word: a lane that got it wrong would be missed or found falsely.
  for (const name of ["simd4", "simd8"] as const) {
    const kernel = open(name);

    for (let nonce = 0; nonce < 2_000; nonce++) {
      const firstWord = BigInt(`0x${plainHash(header, nonce).slice(0, 8)}`);
      const first = Math.max(0, nonce - nonce % 8);

      kernel.load(header, targetBytes((firstWord + 1n << 224n) - 1n));
      const found = kernel.search(first, nonce - first + 1);

      assert.ok(found !== undefined && found <= nonce, `${name} missed nonce ${nonce}`);
    }
  }
});

Deno.test("a header keeps the kernel's earlier template from shining through", () => {
  for (const name of NAMES) {
    const kernel = open(name);
    for (let i = 0; i < 20; i++) {
      const header = randomHeader();
      const target = TARGET_MAX >> 9n;
      kernel.load(header, targetBytes(target));
      assert.equal(
        kernel.search(0, 3_000),
        plainSearch(header, target, { first: 0, count: 3_000 }),
      );
    }
  }
});

Deno.test("targetBytes() refuses what is no 256-bit number", () => {
  assert.throws(() => targetBytes(-1n), { name: "InvariantError" });
  assert.throws(() => targetBytes(1n << 256n), { name: "InvariantError" });
  assert.equal(targetBytes(258n).toHex(), "0".repeat(60) + "0102");
});

Deno.test({
  name: "all of this holds with 256-bit vectors and optimized code",
  ignore: Deno.env.get(SECOND_RUN) !== undefined,
  fn: async () => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", SECOND_RUN_FLAGS, import.meta.filename as string],
      env: { [SECOND_RUN]: "1" },
    }).output();

    const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.ok(success, output);
    assert.match(output, /\d+ passed/);
  },
});
