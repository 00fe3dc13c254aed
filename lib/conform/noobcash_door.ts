/**
 * The raw doors of our own program for the grader: reads whole chains, makes transactions and blocks that
 * are right but for one thing, and hands them to a node.
 *
 * An adapter's program as any other (`adapter_program.ts`): JSON lines on stdin and stdout. It signs with
 * the keys of the nodes' folders, which lie on the grader's machine, and mines by itself. The node's own
 * API takes what it makes: `POST /transactions`, `POST /blocks`.
 *
 * @module
 */
import { join } from "node:path";
import { formatHex } from "../bytes.ts";
import { formatAddress } from "../crypto/address.ts";
import { type Block, encodeBlock } from "../primitives/block.ts";
import { encodeHeader } from "../primitives/header.ts";
import { encodeTransaction, type Transaction } from "../primitives/transaction.ts";
import { forge } from "./noobcash_forgeries.ts";
import { type DoorNode, type Question, readChain } from "./noobcash_chain.ts";
import { Workshop } from "./noobcash_workshop.ts";
import { TextLineStream } from "../cluster/text_line_stream.ts";

interface Answer {
  readonly accepted?: boolean;
  readonly isCrash?: boolean;
  readonly value?: unknown;
  readonly text?: string;
  readonly notApplicable?: string;
  readonly error?: string;
}

/** Beyond the time that the grader gives, on a busy machine, too: it alone says when an answer is late. */
const CALL_MS_MAX = 60_000;

/** Answers questions until stdin ends. */
export async function runNoobcashDoor(): Promise<void> {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(
    new TextLineStream(),
  );
  for await (const line of lines) {
    if (line.trim() === "") continue;
    const question = JSON.parse(line) as Question;
    let answer: Answer;
    try {
      answer = await answerOf(question);
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    const bytes = new TextEncoder().encode(`${JSON.stringify({ id: question.id, ...answer })}\n`);
    for (let written = 0; written < bytes.length;) {
      written += Deno.stdout.writeSync(bytes.subarray(written));
    }
  }
}

async function answerOf(question: Question): Promise<Answer> {
  const node = question.nodes[question.node];
  if (node === undefined) return { error: `there is no node ${question.node}` };
  if (question.op === "chain") {
    const chain = await readChain(node);
    return { accepted: true, value: chain.map(blockJson), text: `${chain.length} blocks` };
  }
  if (question.op !== "forge") return { notApplicable: `the door does not know "${question.op}"` };

  const shop = new Workshop(question, await readChain(node));
  const made = forge(shop, question.what ?? "");
  if (made === undefined) return { notApplicable: `the door cannot make "${question.what}"` };
  const answers: { status: number; text: string }[] = [];
  for (const thing of made) answers.push(await handIn(node, thing));
  const isAccepted = answers.every(({ status }) => status >= 200 && status < 300);
  return {
    accepted: isAccepted,
    isCrash: answers.some(({ status }) => status >= 500),
    text: answers.map(({ status, text }) => `HTTP ${status} ${text.slice(0, 500)}`).join("\n"),
  };
}

async function handIn(
  node: DoorNode,
  thing: Transaction | Block,
): Promise<{ status: number; text: string }> {
  const isBlock = "header" in thing;
  const bytes = isBlock ? encodeBlock(thing) : encodeTransaction(thing);
  const token = Deno.readTextFileSync(join(node.folder, "data", "token")).trim();
  const response = await fetch(`${node.url}/api/v1/${isBlock ? "blocks" : "transactions"}`, {
    method: "POST",
    headers: { "authorization": `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ hex: formatHex(bytes) }),
    signal: AbortSignal.timeout(CALL_MS_MAX),
  });
  return { status: response.status, text: await response.text() };
}

function blockJson(block: Block) {
  const { header, hash, transactions } = block;
  return {
    height: header.height,
    hash,
    previousHash: header.previousHash,
    nonce: header.nonce,
    timestamp: header.timestampMs,
    preimageHex: formatHex(encodeHeader(header)),
    transactions: transactions.map(({ txid, sender, outputs: [first] }) => ({
      id: txid,
      sender: formatAddress(sender),
      receiver: first === undefined ? null : formatAddress(first.owner),
      amount: first?.amount ?? 0,
    })),
  };
}
