/**
 * `noobcash wallet new|show|encrypt|decrypt|recover|change-passphrase`: the key in a node's data folder.
 *
 * Words and passphrases are asked for on a terminal or read from files; nothing secret is ever an
 * argument. A folder in which a node works is left alone. Exit codes: 0 done, 1 refused with a code,
 * 2 usage.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { formatAddress } from "../crypto/address.ts";
import { keyPairOfSeed, type PublicKey, SECRET_KEY_SIZE_BYTES } from "../crypto/keys.ts";
import { peekKey, readSeed, writeKey } from "../store/data_folder.ts";
import { plainKeyText, sealedKeyText } from "../store/key_file.ts";
import { recoveryWords, seedOfWords } from "../store/recovery_words.ts";
import { StoreFailure } from "../store/store_failure.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { passphraseOf } from "../terminal/passphrase.ts";

interface WalletOptions {
  readonly dataDir: string;
  readonly passphraseFile?: string | undefined;
  readonly newPassphraseFile?: string | undefined;
  readonly json: boolean;
}

/** What a command says of a key. */
interface KeyReport {
  readonly dataDir: string;
  readonly address: string;
  readonly publicKey: PublicKey;
  readonly sealed: boolean;
  readonly words?: string;
}

/** A choice that cannot be carried out: a sentence. */
class UsageProblem extends Error {}

export function walletCommand(): Command {
  const command = new Command("wallet")
    .description("make, seal, show or recover a node's key")
    .addCommand(
      verb("new", "make a key in a new folder; shows the words that recover it")
        .option("--encrypt", "seal it under a passphrase", false)
        .action((options) => act(options, () => make(options))),
    )
    .addCommand(
      verb("show", "the address of a folder's key")
        .option("--words", "and the words that recover it", false)
        .action((options) => act(options, () => show(options))),
    )
    .addCommand(
      verb("encrypt", "seal a plain key under a passphrase")
        .action((options) => act(options, () => reseal(options, { from: "plain", to: "sealed" }))),
    )
    .addCommand(
      verb("decrypt", "make a sealed key plain")
        .action((options) => act(options, () => reseal(options, { from: "sealed", to: "plain" }))),
    )
    .addCommand(
      verb("change-passphrase", "seal a sealed key under another passphrase")
        .action((options) => act(options, () => reseal(options, { from: "sealed", to: "sealed" }))),
    )
    .addCommand(
      verb("recover", "make a key in a new folder from its 24 words")
        .option(
          "--words-file <file>",
          "read the words here; else they are asked for, or read from stdin",
        )
        .option("--encrypt", "seal it under a passphrase", false)
        .action((options) => act(options, () => recover(options))),
    );
  return command as unknown as Command;
}

function verb(name: string, description: string) {
  return new Command(name).description(description)
    .requiredOption("--data-dir <folder>", "data folder of the node")
    .option("--passphrase-file <file>", "the passphrase; else NOOBCASH_PASSPHRASE, else asked for")
    .option(
      "--new-passphrase-file <file>",
      "the new passphrase; else NOOBCASH_NEW_PASSPHRASE, else asked for",
    )
    .option("--json", "print one JSON object", false);
}

async function make(options: WalletOptions & { readonly encrypt: boolean }): Promise<KeyReport> {
  const seed = randomBytes(SECRET_KEY_SIZE_BYTES);
  await write(options, seed, { isNew: true, isSealed: options.encrypt });
  return report(options, seed, { sealed: options.encrypt, withWords: true });
}

async function show(options: WalletOptions & { readonly words: boolean }): Promise<KeyReport> {
  const file = peekKey(options.dataDir);
  if (file === undefined) throw noKey(options);
  const sealed = file.kind === "sealed";
  if (sealed && !options.words) {
    const { publicKey } = file;
    return { dataDir: options.dataDir, address: formatAddress(publicKey), publicKey, sealed };
  }
  return report(options, await seedOf(options), { sealed, withWords: options.words });
}

async function reseal(
  options: WalletOptions,
  { from, to }: { readonly from: "plain" | "sealed"; readonly to: "plain" | "sealed" },
): Promise<KeyReport> {
  const file = peekKey(options.dataDir);
  if (file === undefined) throw noKey(options);
  if (file.kind !== from) {
    throw new UsageProblem(
      `Cannot change the key in "${options.dataDir}": got a ${file.kind} one, wanted a ${from} one`,
    );
  }
  const seed = await seedOf(options);
  await write(options, seed, { isNew: false, isSealed: to === "sealed" });
  return report(options, seed, { sealed: to === "sealed", withWords: false });
}

async function recover(
  options: WalletOptions & { readonly encrypt: boolean; readonly wordsFile?: string | undefined },
): Promise<KeyReport> {
  const words = await wordsOf(options.wordsFile);
  const seed = words === undefined ? undefined : seedOfWords(words);
  if (seed === undefined) {
    throw new UsageProblem(
      "Cannot recover the key: got words that are none of a key, wanted 24 as they were shown",
    );
  }
  await write(options, seed, { isNew: true, isSealed: options.encrypt });
  return report(options, seed, { sealed: options.encrypt, withWords: false });
}

async function seedOf(options: WalletOptions): Promise<Uint8Array> {
  const passphrase = await passphraseOf({
    isWanted: peekKey(options.dataDir)?.kind === "sealed",
    file: options.passphraseFile,
    variable: "NOOBCASH_PASSPHRASE",
    question: `Passphrase of the key in "${options.dataDir}"`,
  });
  if (!passphrase.ok) throw new UsageProblem(passphrase.error);
  return readSeed(options.dataDir, () => passphrase.value);
}

async function write(
  options: WalletOptions,
  seed: Uint8Array,
  { isNew, isSealed }: { readonly isNew: boolean; readonly isSealed: boolean },
): Promise<void> {
  const passphrase = await passphraseOf({
    isWanted: isSealed,
    file: options.newPassphraseFile,
    variable: "NOOBCASH_NEW_PASSPHRASE",
    question: "New passphrase",
    isNew: true,
  });
  if (!passphrase.ok) throw new UsageProblem(passphrase.error);
  const text = passphrase.value === undefined
    ? plainKeyText(seed)
    : sealedKeyText(seed, passphrase.value, randomBytes);
  writeKey(options.dataDir, text, { isNew });
}

function report(
  { dataDir }: WalletOptions,
  seed: Uint8Array,
  { sealed, withWords }: { readonly sealed: boolean; readonly withWords: boolean },
): KeyReport {
  const { publicKey } = keyPairOfSeed(seed);
  const words = withWords ? recoveryWords(seed) : undefined;
  seed.fill(0);
  return {
    dataDir,
    address: formatAddress(publicKey),
    publicKey,
    sealed,
    ...(words !== undefined && { words }),
  };
}

async function wordsOf(file: string | undefined): Promise<string | undefined> {
  try {
    if (file !== undefined) return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  if (!Deno.stdin.isTerminal()) return await new Response(Deno.stdin.readable).text();
  const { isCancel, password } = await import("@clack/prompts");
  const typed = await password({ message: "The 24 words" });
  return isCancel(typed) ? undefined : typed;
}

function noKey({ dataDir }: WalletOptions): UsageProblem {
  return new UsageProblem(
    `Cannot find a key: there is none in "${dataDir}", so it is no node's folder`,
  );
}

function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(size));
}

async function act({ json }: WalletOptions, work: () => Promise<KeyReport>): Promise<void> {
  try {
    const done = await work();
    console.log(json ? JSON.stringify(done) : textOf(done));
  } catch (error) {
    if (!(error instanceof StoreFailure || error instanceof UsageProblem)) throw error;
    const code = error instanceof StoreFailure ? error.code : "usage";
    const { message } = error;
    if (json) console.log(JSON.stringify({ error: { code, message, evidence: {} } }));
    failCommand(error instanceof StoreFailure ? "refused" : "usage", message);
  }
}

function textOf({ dataDir, address, publicKey, sealed, words }: KeyReport): string {
  const lines = [
    `Key in "${dataDir}", ${sealed ? "sealed under a passphrase" : "plain"}`,
    `address     ${address}`,
    `public key  ${publicKey}`,
  ];
  if (words !== undefined) {
    lines.push("", "Whoever has these words has the coins. Write them down, on paper:", "", words);
  }
  return lines.join("\n");
}
