/**
 * Every text of the client's menu, in English: the table that other languages translate.
 *
 * @module
 */

export const ENGLISH = {
  "intro": "Noobcash node {node} at {url}",
  "ask": "What do you want to do?",
  "pay": "New transaction",
  "view": "View last transactions",
  "balance": "Balance",
  "help": "Help",
  "exit": "Exit",
  "bye": "Bye",
  "view.title": "Last transactions",
  "help.choice": "Choice",
  "help.does": "What it does",
  "help.pay": "pay another node or address from this node's wallet",
  "help.view": "what the last confirmed block holds",
  "help.balance": "this node's coins: confirmed, pending, available",
  "help.exit": "leave; the node goes on",
  "help.without": "without the menu",
  "recipient": "Recipient",
  "recipient.hint": "a node id (1 or id1) or an address (nbc1…)",
  "recipient.wrong": "A node id such as 1 or id1, or an address that begins with nbc1",
  "recipient.mistyped": "This address is mistyped: {problem}",
  "amount": "Amount in NBC",
  "amount.hint": "a whole number",
  "amount.wrong": "A whole number from 1 on",
  "cancelled": "No payment",
  "sent": "Sent {amount} NBC to {receiver}",
  "waiting": "Sent, and still waiting for a block",
  "confirmed": "Confirmed in block {height} after {seconds} s: {amount} NBC to {receiver}",
  "toSelf": "This wallet has paid itself: its balance stays as it is",
  "toSelf.fee": "This wallet has paid itself: it costs the fee of {fee} NBC",
  "block": "Block {height}, mined by {miner} at {time}",
  "block.genesis": "Genesis, made at {time}; nobody mined it",
  "column.sender": "Sender",
  "column.receiver": "Receiver",
  "column.amount": "Amount",
  "column.total": "Total",
  "column.change": "Change",
  "balance.wallet": "wallet",
  "balance.confirmed": "confirmed",
  "balance.pending": "pending",
  "balance.available": "available",
  "balance.coins": "{available} NBC in {n} coin|{available} NBC in {n} coins",
} as const;

export type ClientTextKey = keyof typeof ENGLISH;
