/**
 * Writes the SIMD kernels' source: four or eight nonces at a time, fully unrolled.
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
 * search(first, count)   per group of nonces: what is left of rounds 12-63, then
 *                        first hash word ≤ first target word in any lane? → scalar `passes`
 * ```
 *
 * Eight nonces are two *streams* of four, the second a copy of the first. An engine that can join two
 * 128-bit operations into one of 256 bits (V8 with `--experimental-wasm-revectorize`) runs both
 * streams at the price of one; any other runs them one after the other. For V8 to see it, the text
 * keeps to its rules: the streams are in one basic block (so no inlined functions), equal shift counts
 * are one value (so they are locals, and the optimizer of the compiler stays off), and the streams'
 * results meet in an `i32x4.add`, from which V8 starts to look for pairs.
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

/** Nonces per vector. */
const LANES = 4;

/** The source of the SIMD kernel with so many streams of four nonces. */
export function generateSimdKernel(streamCount: 1 | 2): string {
  const writer = new KernelWriter();

  const candidates: string[] = [];
  for (let stream = 0; stream < streamCount; stream++) {
    const firstWord = writeStream(writer, stream);
    const limit = writer.vector(fixed("targetWord()"));
    candidates.push(`i32x4.le_u(${firstWord}, ${limit})`);
  }

  const anyCandidate = candidates.reduce((left, right) => `i32x4.add(${left}, ${right})`);
  return kernelSource(writer, anyCandidate, LANES * streamCount);
}

/** Writes the hashing of four nonces; answers the vector of the hashes' first words. */
function writeStream(writer: KernelWriter, stream: number): string {
  const nonces = writer.beginStream(stream);
  const words = Array.from(
    { length: 16 },
    (_, t) => t === NONCE_WORD ? varying(nonces) : fixed(`messageWord(${t})`),
  );
  let state = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => fixed(`midstate(${i})`)) as State;

  for (let t = 0; t < 64; t++) {
    if (t >= 16) words.push(nextWord(writer, words));
    state = nextState(writer, state, sum(words[t]!, fixed(`roundConstant(${t})`)));
  }

  return writer.vector(sum(state[0], fixed("midstate(0)")));
}

/** a, b, c, d, e, f, g, h of FIPS 180-4. */
type State = [Sum, Sum, Sum, Sum, Sum, Sum, Sum, Sum];

/** The message schedule (FIPS 180-4, 6.2.2, step 1): the word after the last. */
function nextWord(writer: KernelWriter, words: readonly Sum[]): Sum {
  return writer.settle(sum(
    words.at(-16)!,
    words.at(-7)!,
    writer.apply("smallSigma0", words.at(-15)!),
    writer.apply("smallSigma1", words.at(-2)!),
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

/** The functions of the computation on vectors; on scalars they have the same names. */
const VECTOR_FORMS = {
  xor: (x: string, y: string) => `v128.xor(${x}, ${y})`,
  and: (x: string, y: string) => `v128.and(${x}, ${y})`,
  choose: (x: string, y: string, z: string) => xor(z, `v128.and(${x}, ${xor(y, z)})`),
  bigSigma0: (x: string) => xor(rotate(x, 2), xor(rotate(x, 13), rotate(x, 22))),
  bigSigma1: (x: string) => xor(rotate(x, 6), xor(rotate(x, 11), rotate(x, 25))),
  smallSigma0: (x: string) => xor(rotate(x, 7), xor(rotate(x, 18), shiftRight(x, 3))),
  smallSigma1: (x: string) => xor(rotate(x, 17), xor(rotate(x, 19), shiftRight(x, 10))),
};

function xor(x: string, y: string): string {
  return VECTOR_FORMS.xor(x, y);
}

function rotate(x: string, count: number): string {
  return xor(shiftRight(x, count), `i32x4.shl(${x}, shift${32 - count})`);
}

function shiftRight(x: string, count: number): string {
  return `i32x4.shr_u(${x}, shift${count})`;
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
  readonly #table = new Map<string, number>();
  #vectors = new Map<string, string>();
  #prefix = "";

  /** Starts a stream with vectors of its own; answers its nonces. */
  beginStream(stream: number): string {
    this.#prefix = `s${stream}_`;
    this.#vectors = new Map();

    const offsets = Array.from({ length: LANES }, (_, lane) => LANES * stream + lane);
    return this.#vector(`i32x4.add(i32x4.splat(first), i32x4(${offsets.join(", ")}))`);
  }

  /** A function of words: of scalars in `prepare` when all are fixed, otherwise of vectors. */
  apply(name: keyof typeof VECTOR_FORMS, ...operands: readonly Sum[]): Sum {
    if (operands.every((operand) => operand.varying.length === 0)) {
      return fixed(this.#scalar(`${name}(${operands.map((x) => this.#fold(x)).join(", ")})`));
    }

    const form: (...vectors: string[]) => string = VECTOR_FORMS[name];
    return varying(this.#vector(form(...operands.map((x) => this.vector(x)))));
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
    return this.#scalar(fixed.join(" + "));
  }

  /** Loads a scalar from the table where it is used: there are too few registers to keep it. */
  #load(scalar: string): string {
    let entry = this.#table.get(scalar);
    if (entry === undefined) {
      entry = this.#table.size;
      if (entry >= TABLE_ENTRIES_MAX) {
        throw new Error(`Cannot write the kernel: got a full table, wanted at most ${entry} words`);
      }
      this.#table.set(scalar, entry);
      this.prepareLines.push(`store<u32>(${TABLE_OFFSET + 4 * entry}, ${scalar});`);
    }

    return `v128.load_splat<u32>(${TABLE_OFFSET + 4 * entry})`;
  }

  #scalar(expression: string): string {
    if (/^k\d+$/.test(expression)) return expression;

    return define(expression, { names: this.#scalars, prefix: "k", lines: this.prepareLines });
  }

  #vector(expression: string): string {
    return define(expression, {
      names: this.#vectors,
      prefix: this.#prefix,
      lines: this.searchLines,
    });
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

function kernelSource(
  { prepareLines, searchLines }: KernelWriter,
  anyCandidate: string,
  groupSize: number,
): string {
  const shifts = new Set(searchLines.join().match(/shift\d+/g));

  return `import {
  bigSigma0, bigSigma1, choose, messageWord, midstate, passes, prepareBlocks, roundConstant,
  smallSigma0, smallSigma1, targetWord,
} from "./scalar_kernel";
export { compress, hash, resetState } from "./scalar_kernel";

export function prepare(): void {
  prepareBlocks();
  ${prepareLines.join("\n  ")}
}

export function search(first: u32, count: u32): f64 {
  ${[...shifts].map((shift) => `let ${shift} = ${shift.slice(5)};`).join("\n  ")}

  while (true) {
    ${searchLines.join("\n    ")}

    if (v128.any_true(${anyCandidate})) {
      const tries = min<u32>(count, ${groupSize});
      for (let i: u32 = 0; i < tries; i++) {
        if (passes(first + i)) return f64(first + i);
      }
    }

    if (count <= ${groupSize}) return -1;
    count -= ${groupSize};
    first += ${groupSize};
  }
}

function xor(x: u32, y: u32): u32 { return x ^ y; }
function and(x: u32, y: u32): u32 { return x & y; }
`;
}
