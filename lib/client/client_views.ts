/**
 * The client's answers as text for people: short tables, short addresses, times of the own clock.
 *
 * Loaded only when something is shown; `--json` never comes here.
 *
 * @module
 */
import { formatAddress } from "../crypto/address.ts";
import { meaningOf } from "../page/texts/refusal_texts.ts";
import { WALLET_ZERO } from "../primitives/transaction.ts";
import { count, dim, green, listText, red, tableText, yellow } from "./table_text.ts";
import { type ClientTexts, ENGLISH_TEXTS } from "./texts.ts";
import type { WalletJson } from "../wire/api_basics.ts";
import type {
  BlockJson,
  BlockListJson,
  LastTransactionsJson,
  MempoolJson,
  TipsJson,
  TransactionJson,
  TransactionStateJson,
} from "../wire/api_chain.ts";
import type { Consolidated } from "./consolidate.ts";
import type { PaidList } from "./payment_list.ts";
import type { ConfirmedList } from "./wait_list.ts";
import type { RingJson, StatusJson } from "../wire/api_network.ts";
import type {
  AcceptedJson,
  BalanceJson,
  BalanceListJson,
  HistoryJson,
} from "../wire/api_wallet.ts";

const WALLET_ZERO_ADDRESS = formatAddress(WALLET_ZERO);

/**
 * A wallet's short form: its node's id where it has one, and the ends of its address.
 *
 * @example
 * ```ts
 * import { walletText } from "./client_views.ts";
 * import assert from "node:assert/strict";
 *
 * const address = "nbc1277s5y3kjmekfqxnm2nmkql7zrstzz4lfnch0c4wmvl27ck4gq0s3e5pws";
 * assert.equal(walletText({ address, nodeId: 3 }), "id3 nbc1277s…5pws");
 * ```
 */
export function walletText({ address, nodeId }: WalletJson): string {
  if (address === WALLET_ZERO_ADDRESS) return "wallet 0";
  const short = `${address.slice(0, 8)}…${address.slice(-4)}`;
  return nodeId === null ? short : `id${nodeId} ${short}`;
}

export function acceptedText({ transaction, txid, known }: AcceptedJson): string {
  const { amount, receiver } = transaction;
  const verb = known ? "Known already" : "Sent";
  return `${verb}: ${amount} NBC to ${walletText(receiver)}, waits for a block\n${dim(txid)}` +
    toSelfText(transaction);
}

/** A payment to oneself is valid, and seldom what was meant (T10). */
function toSelfText(
  { sender, receiver, fee }: TransactionJson,
  text: ClientTexts = ENGLISH_TEXTS,
): string {
  if (sender.address !== receiver.address) return "";
  const told = fee === 0 ? text("toSelf") : text("toSelf.fee", { fee });
  return `\n${yellow(told)}`;
}

/** What came of joining coins. */
export function consolidatedText(joined: Consolidated): string {
  const { coinsBefore, coins, available, payments } = joined;
  if (payments.length === 0) return `Nothing to join: ${available} NBC in ${coinsText(coins)}`;
  const count = payments.length === 1 ? "1 payment" : `${payments.length} payments`;
  return `Joined ${
    coinsText(coinsBefore)
  } into ${coins} by ${count} to itself: ${available} NBC\n` +
    dim(payments[payments.length - 1] ?? "");
}

function coinsText(count: number): string {
  return count === 1 ? "1 coin" : `${count} coins`;
}

/** Refused payments that are named; the JSON names all. */
const REFUSED_NAMED_MAX = 10;

/** What came of a list of payments, and which were refused. */
export function paidListText(list: PaidList): string {
  const refused = list.payments.filter(({ code }) => code !== null);
  const named = refused.slice(0, REFUSED_NAMED_MAX)
    .map(({ to, amount, code }) => `  ${to} ${amount}: ${code}`);
  const more = refused.length - named.length;
  return [summaryText(list), ...named, ...(more > 0 ? [`  and ${more} more (--json)`] : [])]
    .join("\n");
}

function summaryText({ offered, accepted, refused }: PaidList): string {
  return `${accepted} of ${offered} payments accepted${reasonsText(refused)}`;
}

/** The same once they were waited for. */
export function confirmedListText(list: ConfirmedList, waitedMs: number): string {
  const { accepted, confirmed, unconfirmed } = list;
  return `${paidListText(list)}\n${confirmed} of ${accepted} confirmed after ` +
    `${(waitedMs / 1000).toFixed(1)} s${reasonsText(unconfirmed)}`;
}

function reasonsText(counts: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(counts).map(([code, count]) => `${count} ${code}`).join(", ");
  return reasons === "" ? "" : `; ${reasons}`;
}

export function confirmedText(
  state: TransactionStateJson,
  waitedMs: number,
  text: ClientTexts = ENGLISH_TEXTS,
): string {
  const { amount, receiver, txid } = state.transaction;
  const line = text("confirmed", {
    height: state.height ?? "?",
    seconds: (waitedMs / 1000).toFixed(1),
    amount,
    receiver: walletText(receiver),
  });
  return `${line}\n${dim(txid)}${toSelfText(state.transaction, text)}`;
}

/** `view`: the transactions of the last confirmed block (P05). */
export function lastTransactionsText(
  { block, transactions }: LastTransactionsJson,
  text: ClientTexts = ENGLISH_TEXTS,
): string {
  const time = timeText(block.timestampMs);
  const title = block.height === 0
    ? text("block.genesis", { time })
    : text("block", { height: block.height, miner: walletText(block.miner), time });
  return `${title}\n\n${transactionsTable(transactions, text)}`;
}

export function balanceText(
  { wallet, confirmed, pending, available, coins }: BalanceJson,
  text: ClientTexts = ENGLISH_TEXTS,
): string {
  return listText([
    [text("balance.wallet"), walletText(wallet)],
    [text("balance.confirmed"), `${confirmed} NBC`],
    [text("balance.pending"), `${signed(pending)} NBC`],
    [text("balance.available"), text("balance.coins", { available, n: coins })],
  ]);
}

export function balancesText(
  { balances, supply, height, walletCount }: BalanceListJson,
): string {
  const rows = balances.map((balance) => [
    walletText(balance.wallet),
    balance.confirmed,
    signed(balance.pending),
    balance.available,
  ]);
  return `${tableText(["Wallet", "Confirmed", "Pending", "Available"], rows)}\n\n` +
    (walletCount > balances.length ? `and ${walletCount - balances.length} more wallets\n` : "") +
    `Supply ${supply} NBC at height ${height}`;
}

export function historyText({ wallet, entries, next }: HistoryJson): string {
  if (entries.length === 0) return `No transactions of ${walletText(wallet)}`;
  const rows = entries.map((entry) => {
    const { sender, receiver, amount, fee, txid } = entry.transaction;
    const change = { sent: -amount, received: amount, self: fee === 0 ? 0 : -fee };
    const other = entry.direction === "received" ? sender : receiver;
    return [
      timeText(entry.timeMs),
      entry.direction,
      walletText(other),
      change[entry.direction],
      stateText(entry),
      txid.slice(0, 12),
    ];
  });
  const table = tableText(["Time", "What", "With", "NBC", "State", "Txid"], rows);
  return next === null ? table : `${table}\n\nand older ones: --after ${next}`;
}

export function transactionText(state: TransactionStateJson): string {
  const { transaction } = state;
  return listText([
    ["txid", transaction.txid],
    ["state", stateText(state, meaningOf("en", state.reasonCode ?? ""))],
    ["sender", `${walletText(transaction.sender)}  ${dim(transaction.sender.address)}`],
    ["receiver", `${walletText(transaction.receiver)}  ${dim(transaction.receiver.address)}`],
    ["amount", `${transaction.amount} NBC`],
    ["total", `${transaction.total} NBC`],
    ["change", `${transaction.change} NBC`],
    ...(transaction.fee > 0 ? [["fee", `${transaction.fee} NBC`] as const] : []),
    ["inputs", String(transaction.inputs.length)],
    ["time", timeText(state.timeMs)],
    ...(state.blockHash === null ? [] : [["block", state.blockHash] as const]),
  ]);
}

export function blockText(block: BlockJson): string {
  const facts = listText([
    ["hash", block.hash],
    ["height", String(block.height)],
    ["status", `${block.status}, ${count(block.confirmations, "confirmation")}`],
    ["previous", block.previousHash],
    ["miner", minerText(block)],
    ["time", timeText(block.timestampMs)],
    ["nonce", String(block.nonce)],
    ["size", `${block.sizeBytes} bytes`],
  ]);
  return `${facts}\n\n${transactionsTable(block.transactions)}`;
}

/** Nobody has mined genesis: it was written down when the network was founded. */
function minerText({ height, miner }: { readonly height: number; readonly miner: WalletJson }) {
  return height === 0 ? "nobody: genesis" : walletText(miner);
}

export function blocksText({ blocks }: BlockListJson): string {
  const rows = blocks.map((block) => [
    block.height,
    `${block.hash.slice(0, 16)}…`,
    minerText(block),
    block.transactionCount,
    timeText(block.timestampMs),
  ]);
  return tableText(["Height", "Hash", "Miner", "Transactions", "Time"], rows);
}

export function nodesText({ nodes, complete, nodesWanted }: RingJson, nowMs: number): string {
  const rows = nodes.map((node) => [
    node.wallet.nodeId === null ? "-" : `id${node.wallet.nodeId}`,
    walletText({ ...node.wallet, nodeId: null }),
    node.url ?? "-",
    healthText(node.health),
    node.tipHeight ?? "-",
    node.heardAtMs === null ? "-" : `${((nowMs - node.heardAtMs) / 1000).toFixed(1)} s ago`,
  ]);
  const table = tableText(["Node", "Address", "URL", "Health", "Height", "Heard"], rows);
  if (complete) return table;
  return `${table}\n\n${nodes.length} of ${nodesWanted ?? "?"} nodes are here`;
}

export function statusText(status: StatusJson): string {
  const { chain, params, mining } = status;
  const network: (readonly [string, string])[] = params === null ? [] : [
    [
      "network",
      `${params.nodes} nodes, capacity ${params.capacity}, ` +
      `difficulty ${chain?.tipDifficulty ?? params.difficulty}` +
      (params.difficultyAdjustment === "none" ? "" : ` (began with ${params.difficulty})`) +
      `${params.strict ? ", full blocks only" : ""}`,
    ],
    ["genesis", params.genesisHash],
  ];
  const ledger: (readonly [string, string])[] = chain === null ? [] : [
    ["height", String(chain.height)],
    ["tip", chain.tipHash],
    ["waiting", count(chain.transactionsWaiting, "transaction")],
  ];
  return listText([
    ["node", `${walletText(status.wallet)}, ${status.role}`],
    ["address", status.wallet.address],
    ["url", status.url],
    ["phase", phaseText(status)],
    ...status.warnings.map(({ text }) => ["warning", yellow(text)] as const),
    ["joined", `${status.nodesJoined} of ${params?.nodes ?? "?"} nodes`],
    ["peers", `${status.peersConnected} connected`],
    ...network,
    ...ledger,
    [
      "mining",
      mining.enabled ? miningText(mining) : "off",
    ],
    ["version", `${status.version}, protocol ${status.protocolVersion}`],
  ]);
}

/** A node that is ready and cannot follow its network is not what one expects of the word. */
function phaseText({ phase, warnings }: StatusJson): string {
  if (phase !== "ready") return yellow(phase);
  const isBehind = warnings.some(({ code }) => code === "chain-behind");
  return isBehind ? yellow("ready, but cannot follow the network") : green("ready");
}

export function mempoolText({ size, transactions, next }: MempoolJson): string {
  if (size === 0) return "No transaction waits";
  const rows = transactions.map(({ transaction, arrivedAtMs }) => [
    timeText(arrivedAtMs),
    walletText(transaction.sender),
    walletText(transaction.receiver),
    transaction.amount,
    transaction.txid.slice(0, 12),
  ]);
  const table = tableText(["Since", "Sender", "Receiver", "Amount", "Txid"], rows);
  return next === null ? table : `${table}\n\nand more of ${size}: --after ${next}`;
}

export function tipsText({ tips }: TipsJson): string {
  const rows = tips.map((tip) => [
    tip.height,
    `${tip.hash.slice(0, 16)}…`,
    tip.invalidCode === null ? tip.status : `${tip.status}: ${tip.invalidCode}`,
    tip.branchLength,
    tip.forkHeight,
    walletText(tip.miner),
  ]);
  const table = tableText(["Height", "Hash", "Status", "Branch", "Fork at", "Miner"], rows);
  const lost = tips.filter(({ status }) => status === "side").length;
  if (lost === 0) return table;
  return `${table}\n\n${lost === 1 ? "1 side branch" : `${lost} side branches`}: found, but ` +
    "another branch came first or has more work; only the active one counts";
}

function transactionsTable(
  transactions: readonly TransactionJson[],
  text: ClientTexts = ENGLISH_TEXTS,
): string {
  const rows = transactions.map(({ sender, receiver, amount, total, change }) => [
    walletText(sender),
    walletText(receiver),
    amount,
    total,
    change,
  ]);
  const names = ["sender", "receiver", "amount", "total", "change"] as const;
  return tableText(names.map((name) => text(`column.${name}`)), rows);
}

/** The state; of a failed payment the reason's code, and its sentence where there is room. */
function stateText(
  { state, height, confirmations, reasonCode }: TransactionStateJson,
  meaning?: string,
): string {
  switch (state) {
    case "confirmed":
      return `${green("confirmed")} in ${height} (${confirmations})`;
    case "pending":
      return yellow("pending");
    case "failed":
      return red(`failed: ${meaning === undefined ? reasonCode : `${meaning} (${reasonCode})`}`);
  }
}

function healthText(health: RingJson["nodes"][number]["health"]): string {
  if (health === "self" || health === "connected") return green(health);
  return health === "unknown" ? dim(health) : red(health);
}

/** Date and time of the own clock, to the second. */
function timeText(timeMs: number): string {
  const date = new Date(timeMs - new Date(timeMs).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19).replace("T", " ");
}

/** A rate stands there only while something is searched: what rests has none. */
function miningText({ active, hashesPerSecond }: StatusJson["mining"]): string {
  if (active) return `searching, ${rateText(hashesPerSecond)}`;
  return hashesPerSecond > 0
    ? `nothing to mine; up to ${rateText(hashesPerSecond)}`
    : "nothing to mine yet";
}

function rateText(hashesPerSecond: number): string {
  if (hashesPerSecond >= 1e6) return `${(hashesPerSecond / 1e6).toFixed(1)} MH/s`;
  if (hashesPerSecond >= 1e3) return `${(hashesPerSecond / 1e3).toFixed(1)} kH/s`;
  return `${hashesPerSecond.toFixed(0)} H/s`;
}

function signed(amount: number): string {
  return amount > 0 ? `+${amount}` : String(amount);
}
