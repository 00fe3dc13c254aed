/**
 * Writes the SIMD kernel's source: four nonces at a time, fully unrolled.
 *
 * It runs SHA-256's second block *symbolically*. Each value of the computation is a {@link Sum} of
 * terms that depend on the nonce and terms that do not. The latter become one scalar, computed once
 * per template and kept in a table in memory, from where a place of use loads it into all lanes. That
 * rule is all there is, and everything else follows from it: the twelve rounds before the nonce, the
 * message words that never change, `K + W` of rounds with a known word, and `h + K + W` of rounds
 * whose `h` is still known.
 *
 * ```text
 * prepare()              scalar: midstate, every constant → table
 * search(first, count)   per group of four nonces: what is left of rounds 12-63, then
 *                        first hash word ≤ first target word in any lane? → scalar `passes`
 * ```
 *
 * Assumes a 116-byte header, whose nonce is word 12 of the second block. Called by
 * `scripts/build_kernel.ts`; the text it writes is never committed.
 *
 * @module
 */

/** A word in the making: the terms to be added up, by name. */
interface Sum {
  /** Those that differ from nonce to nonce: `v128` locals of `search`. */
  readonly varying: readonly string[];

  /** Those that do not: scalar expressions of `prepare`. */
  readonly fixed: readonly string[];
}

/** The message word that holds the nonce. */
const NONCE_WORD = 12;

/** Where the table stands in memory; `scalar_kernel.ts` keeps the place free. */
const TABLE_OFFSET = 1024;
const TABLE_ENTRIES_MAX = 768;

/** The source of the SIMD kernel. */
export function generateSimdKernel(): string {
  const writer = new KernelWriter();

  const words = Array.from(
    { length: 16 },
    (_, t) => t === NONCE_WORD ? varying("nonces") : fixed(`messageWord(${t})`),
  );
  let state: State = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => fixed(`midstate(${i})`)) as State;

  for (let t = 0; t < 64; t++) {
    if (t >= 16) words.push(nextWord(writer, words));
    state = nextState(writer, state, sum(words[t]!, fixed(`roundConstant(${t})`)));
  }

  const firstWord = writer.vector(sum(state[0], fixed("midstate(0)")));
  const limit = writer.vector(fixed("targetWord()"));
  return kernelSource(writer, `i32x4.le_u(${firstWord}, ${limit})`);
}

/** a, b, c, d, e, f, g, h of FIPS 180-4. */
type State = [Sum, Sum, Sum, Sum, Sum, Sum, Sum, Sum];

/** The message schedule (FIPS 180-4, 6.2.2, step 1): the word after the last. */
function nextWord(writer: KernelWriter, words: readonly Sum[]): Sum {
  const [word16, word15, word7, word2] = [16, 15, 7, 2].map((back) => words.at(-back)!);

  return writer.settle(sum(
    word16!,
    word7!,
    writer.apply("smallSigma0", word15!),
    writer.apply("smallSigma1", word2!),
  ));
}

/**
 * One round (FIPS 180-4, 6.2.2, step 3).
 *
 * What is known early is added first, so that the chain from `e` to the next `e` stays short.
 */
function nextState(writer: KernelWriter, [a, b, c, d, e, f, g, h]: State, kw: Sum): State {
  const t1 = writer.gather(sum(
    h,
    kw,
    writer.apply("choose", e, f, g),
    writer.apply("bigSigma1", e),
  ));

  // b ^ ((a ^ b) & (b ^ c)) is the majority, and b ^ c was the last round's a ^ b.
  const majority = writer.apply(
    "xor",
    b,
    writer.apply("and", writer.apply("xor", a, b), writer.apply("xor", b, c)),
  );
  const t2 = sum(writer.apply("bigSigma0", a), majority);

  return [writer.settle(sum(t2, t1)), a, b, c, writer.settle(sum(d, t1)), e, f, g];
}

function sum(...sums: readonly Sum[]): Sum {
  return {
    varying: sums.flatMap((term) => term.varying),
    fixed: sums.flatMap((term) => term.fixed),
  };
}

function fixed(expression: string): Sum {
  return { varying: [], fixed: [expression] };
}

function varying(local: string): Sum {
  return { varying: [local], fixed: [] };
}

/** Collects the statements of `prepare` and of `search`, each expression once. */
class KernelWriter {
  readonly prepareLines: string[] = [];
  readonly searchLines: string[] = [];
  readonly #scalars = new Map<string, string>();
  readonly #vectors = new Map<string, string>();
  readonly #table = new Map<string, number>();

  /** A function of words: of scalars in `prepare` when all are fixed, otherwise of lanes. */
  apply(name: string, ...operands: readonly Sum[]): Sum {
    if (operands.every((operand) => operand.varying.length === 0)) {
      return fixed(this.#scalar(`${name}(${operands.map((x) => this.#fold(x)).join(", ")})`));
    }

    return varying(this.#vector(`${name}X4(${operands.map((x) => this.vector(x)).join(", ")})`));
  }

  /** Adds a sum up, into one scalar or one vector. */
  settle(terms: Sum): Sum {
    return terms.varying.length === 0 ? fixed(this.#fold(terms)) : varying(this.vector(terms));
  }

  /** Adds a sum up unless it is cheaper left open: one vector whose constants may merge with more. */
  gather(terms: Sum): Sum {
    return terms.varying.length > 1 ? this.settle(terms) : terms;
  }

  /** The local that holds a sum in all lanes. */
  vector({ varying, fixed }: Sum): string {
    const constant = fixed.length === 0 ? [] : [this.#load(this.#fold({ varying: [], fixed }))];

    // The constant goes second: the first term is an early one, and waits for nothing.
    const [first, ...others] = varying;
    const terms = first === undefined ? constant : [first, ...constant, ...others];
    return terms.reduce((left, right) => this.#vector(`i32x4.add(${left}, ${right})`));
  }

  /** The scalar that holds a sum of fixed terms. */
  #fold({ fixed }: Sum): string {
    return fixed.length === 1 ? this.#scalar(fixed[0]!) : this.#scalar(fixed.join(" + "));
  }

  /** Loads a scalar from the table into all lanes, where it is used: registers are too few to keep it. */
  #load(scalar: string): string {
    let entry = this.#table.get(scalar);
    if (entry === undefined) {
      entry = this.#table.size;
      if (entry >= TABLE_ENTRIES_MAX) throw new Error("Cannot write the kernel: the table is full");
      this.#table.set(scalar, entry);
      this.prepareLines.push(`store<u32>(${TABLE_OFFSET + 4 * entry}, ${scalar});`);
    }

    return `v128.load_splat<u32>(${TABLE_OFFSET + 4 * entry})`;
  }

  #scalar(expression: string): string {
    if (/^k\d+$/.test(expression)) return expression;

    return define(expression, {
      names: this.#scalars,
      prefix: "k",
      lines: this.prepareLines,
    });
  }

  #vector(expression: string): string {
    return define(expression, { names: this.#vectors, prefix: "x", lines: this.searchLines });
  }
}

/** The local that holds an expression: a new one, unless it was computed before. */
function define(
  expression: string,
  { names, prefix, lines }: {
    readonly names: Map<string, string>;
    readonly prefix: string;
    readonly lines: string[];
  },
): string {
  const known = names.get(expression);
  if (known !== undefined) return known;

  const name = `${prefix}${names.size}`;
  names.set(expression, name);
  lines.push(`const ${name} = ${expression};`);
  return name;
}

function kernelSource({ prepareLines, searchLines }: KernelWriter, candidates: string): string {
  return `import * as scalar from "./scalar_kernel";
import {
  bigSigma0, bigSigma1, choose, messageWord, midstate, passes, roundConstant, smallSigma0,
  smallSigma1, targetWord,
} from "./scalar_kernel";
export { compress, hash, passes, resetState } from "./scalar_kernel";

export function prepare(): void {
  scalar.prepare();
  ${prepareLines.join("\n  ")}
}

export function search(first: u32, count: u32): f64 {
  let nonces = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));

  while (true) {
    ${searchLines.join("\n    ")}

    if (v128.any_true(${candidates})) {
      const tries = min<u32>(count, 4);
      for (let i: u32 = 0; i < tries; i++) {
        if (passes(first + i)) return f64(first + i);
      }
    }

    if (count <= 4) return -1;
    count -= 4;
    first += 4;
    nonces = i32x4.add(nonces, i32x4.splat(4));
  }
}

function xor(x: u32, y: u32): u32 { return x ^ y; }
function and(x: u32, y: u32): u32 { return x & y; }

@inline function xorX4(x: v128, y: v128): v128 { return v128.xor(x, y); }
@inline function andX4(x: v128, y: v128): v128 { return v128.and(x, y); }
@inline function chooseX4(x: v128, y: v128, z: v128): v128 {
  return v128.xor(z, v128.and(x, v128.xor(y, z)));
}
@inline function bigSigma0X4(x: v128): v128 {
  return v128.xor(rotate(x, 2), v128.xor(rotate(x, 13), rotate(x, 22)));
}
@inline function bigSigma1X4(x: v128): v128 {
  return v128.xor(rotate(x, 6), v128.xor(rotate(x, 11), rotate(x, 25)));
}
@inline function smallSigma0X4(x: v128): v128 {
  return v128.xor(rotate(x, 7), v128.xor(rotate(x, 18), i32x4.shr_u(x, 3)));
}
@inline function smallSigma1X4(x: v128): v128 {
  return v128.xor(rotate(x, 17), v128.xor(rotate(x, 19), i32x4.shr_u(x, 10)));
}
@inline function rotate(x: v128, n: i32): v128 {
  return v128.xor(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}
`;
}
