/**
 * What a refusal's code says, in every language: for pages and menus that show it to people.
 *
 * A node writes its refusals in English, with what it got and wanted; where that is the reader's language it
 * is shown as it came. In another language the code's sentence stands for it. Codes of rules are in
 * {@link ./rule_texts.ts}.
 *
 * @module
 */
import type { Language, Translations } from "../../translation.ts";
import { RULE_TEXTS } from "./rule_texts.ts";

const ENGLISH = {
  // Of a node.
  "request-malformed": "the request has another shape than wanted",
  "json-malformed": "the request is no JSON object",
  "amount-invalid": "an amount is a whole number of NBC from 1",
  "wallet-unknown": "there is no such node or address",
  "address-malformed": "the address has a typing error",
  "prefix-ambiguous": "more than one thing begins so; write more of it",
  "transaction-malformed": "these bytes are no transaction",
  "block-malformed": "these bytes are no block",
  "block-not-found": "there is no such block",
  "route-unknown": "there is no such path",
  "method-not-allowed": "that cannot be done here",
  "body-too-large": "the request is too large",
  "media-type-unsupported": "the request's content type is not JSON",
  "token-missing": "this needs the node's token",
  "token-wrong": "the token is not this node's",
  "host-forbidden": "the node does not answer under this name",
  "origin-forbidden": "another site may give no orders",
  "too-many-listeners": "too many follow already",
  "internal": "the node made a mistake; its log says which",
  "payment-key-reused": "this key belongs to another payment",
  "node-busy": "the node's queue is full; try again in a moment",
  "node-stopping": "the node is stopping",
  "store-failed": "the node can store nothing: its data folder is full or not writable",
  "not-ready": "the node has not joined the network yet",
  "clock-behind": "the node's clock is so far behind that it cannot follow the network",
  "observer-has-no-wallet": "this node only watches and has no wallet",
  "not-mining": "this node was started without mining",
  "mempool-empty": "no transaction waits",
  "transaction-unknown": "the node knows no such transaction",
  "cursor-gone": "the list has changed meanwhile: begin anew",
  "block-unknown": "the node knows no such block",
  "genesis-immutable": "genesis stands for good",
  "insufficient-funds": "the wallet does not have so many coins to spend",
  "too-many-coins-needed": "the payment needs too many small coins; join them first or pay less",
  "tx-already-known": "this transaction is known already",
  "tx-conflicts": "another waiting transaction spends the same coin",
  "mempool-full": "too many transactions wait",
  // Why a transaction left the pool.
  "conflict": "a block confirmed another transaction that spends the same coin",
  "parent-removed": "the transaction whose coin it spends was removed",
  "no-longer-valid":
    "the chain has changed and a coin that it spends is gone, such as the reward of a block that lost",
  "dropped-by-operator": "an operator took it out",
  // Of a control room and of the way to it.
  "node-unknown": "there is no node of this number",
  "node-down": "the node is down",
  "node-frozen": "the node is frozen",
  "node-runs": "the node is not in a state for that",
  "groups-overlap": "a node is in two groups",
  "link-to-itself": "a link has two different ends",
  "node-failed": "the node did not do it",
  "not-up": "the network is still starting",
  "not-here": "a recording takes no orders",
  "nothing-recorded": "nothing has been recorded",
  "code-used": "this link has been used",
  "node-unreachable": "the node does not answer",
  "unreachable": "there is no answer",
} as const;

export type RefusalTextKey = keyof typeof ENGLISH;

export const REFUSAL_TEXTS: Translations<RefusalTextKey> = {
  en: ENGLISH,
  el: {
    "request-malformed": "το αίτημα έχει άλλη μορφή από τη ζητούμενη",
    "json-malformed": "το αίτημα δεν είναι αντικείμενο JSON",
    "amount-invalid": "ένα ποσό είναι ακέραιος αριθμός NBC από 1",
    "wallet-unknown": "δεν υπάρχει τέτοιος κόμβος ή διεύθυνση",
    "address-malformed": "η διεύθυνση έχει λάθος πληκτρολόγησης",
    "prefix-ambiguous": "περισσότερα από ένα αρχίζουν έτσι· γράψτε περισσότερο",
    "transaction-malformed": "αυτά τα byte δεν είναι συναλλαγή",
    "block-malformed": "αυτά τα byte δεν είναι μπλοκ",
    "block-not-found": "δεν υπάρχει τέτοιο μπλοκ",
    "route-unknown": "δεν υπάρχει τέτοια διαδρομή",
    "method-not-allowed": "αυτό δεν γίνεται εδώ",
    "body-too-large": "το αίτημα είναι πολύ μεγάλο",
    "media-type-unsupported": "ο τύπος περιεχομένου του αιτήματος δεν είναι JSON",
    "token-missing": "χρειάζεται το κλειδί (token) του κόμβου",
    "token-wrong": "το κλειδί (token) δεν είναι αυτού του κόμβου",
    "host-forbidden": "ο κόμβος δεν απαντά με αυτό το όνομα",
    "origin-forbidden": "άλλη σελίδα δεν δίνει εντολές",
    "too-many-listeners": "παρακολουθούν ήδη πάρα πολλοί",
    "internal": "ο κόμβος έκανε λάθος· το αρχείο καταγραφής του λέει ποιο",
    "payment-key-reused": "το κλειδί ανήκει σε άλλη πληρωμή",
    "node-busy": "η ουρά του κόμβου είναι γεμάτη· δοκιμάστε ξανά σε λίγο",
    "node-stopping": "ο κόμβος σταματά",
    "store-failed": "ο κόμβος δεν μπορεί να αποθηκεύσει: ο φάκελός του είναι γεμάτος ή κλειδωμένος",
    "not-ready": "ο κόμβος δεν έχει μπει ακόμη στο δίκτυο",
    "clock-behind": "το ρολόι του κόμβου είναι τόσο πίσω που δεν μπορεί να ακολουθήσει το δίκτυο",
    "observer-has-no-wallet": "ο κόμβος μόνο παρακολουθεί και δεν έχει πορτοφόλι",
    "not-mining": "ο κόμβος ξεκίνησε χωρίς εξόρυξη",
    "mempool-empty": "δεν περιμένει καμία συναλλαγή",
    "transaction-unknown": "ο κόμβος δεν ξέρει τέτοια συναλλαγή",
    "cursor-gone": "η λίστα άλλαξε στο μεταξύ: αρχίστε ξανά",
    "block-unknown": "ο κόμβος δεν ξέρει τέτοιο μπλοκ",
    "genesis-immutable": "η γένεση δεν αλλάζει",
    "insufficient-funds": "το πορτοφόλι δεν έχει τόσα νομίσματα να ξοδέψει",
    "too-many-coins-needed":
      "η πληρωμή χρειάζεται πάρα πολλά μικρά νομίσματα· ενώστε τα πρώτα ή πληρώστε λιγότερα",
    "tx-already-known": "η συναλλαγή είναι ήδη γνωστή",
    "tx-conflicts": "άλλη συναλλαγή σε αναμονή ξοδεύει το ίδιο νόμισμα",
    "mempool-full": "περιμένουν πάρα πολλές συναλλαγές",
    "conflict": "ένα μπλοκ επιβεβαίωσε άλλη συναλλαγή που ξοδεύει το ίδιο νόμισμα",
    "parent-removed": "η συναλλαγή της οποίας το νόμισμα ξοδεύει αφαιρέθηκε",
    "no-longer-valid":
      "η αλυσίδα άλλαξε και ένα νόμισμα που ξοδεύει χάθηκε, όπως η αμοιβή ενός μπλοκ που έχασε",
    "dropped-by-operator": "την αφαίρεσε ένας χειριστής",
    "node-unknown": "δεν υπάρχει κόμβος με αυτόν τον αριθμό",
    "node-down": "ο κόμβος έχει πέσει",
    "node-frozen": "ο κόμβος είναι παγωμένος",
    "node-runs": "ο κόμβος δεν είναι σε κατάσταση για αυτό",
    "groups-overlap": "ένας κόμβος είναι σε δύο ομάδες",
    "link-to-itself": "μια σύνδεση έχει δύο διαφορετικά άκρα",
    "node-failed": "ο κόμβος δεν το έκανε",
    "not-up": "το δίκτυο ξεκινά ακόμη",
    "not-here": "μια καταγραφή δεν δέχεται εντολές",
    "nothing-recorded": "δεν έχει καταγραφεί τίποτα",
    "code-used": "ο σύνδεσμος έχει χρησιμοποιηθεί",
    "node-unreachable": "ο κόμβος δεν απαντά",
    "unreachable": "δεν υπάρχει απάντηση",
  },
};

/**
 * A refusal for people: as it came in English, else the sentence of its code with the code behind it.
 *
 * @example
 * ```ts
 * import { refusalText } from "./refusal_texts.ts";
 * import assert from "node:assert/strict";
 *
 * const refusal = { code: "mempool-empty", message: "Cannot mine now: no transaction waits" };
 * assert.equal(refusalText("en", refusal), "Cannot mine now: no transaction waits");
 * assert.equal(refusalText("el", refusal), "δεν περιμένει καμία συναλλαγή (mempool-empty)");
 * ```
 */
export function refusalText(
  language: Language,
  { code, message }: { readonly code: string; readonly message: string },
): string {
  if (language === "en" && message !== "") return message;
  const sentence = meaningOf(language, code);
  return sentence === undefined ? message || code : `${sentence} (${code})`;
}

/** A code with what it says. */
export function codeText(language: Language, code: string): string {
  const meaning = meaningOf(language, code);
  return meaning === undefined ? code : `${meaning} (${code})`;
}

/** What a code says; `undefined` for one that is not in the tables. */
export function meaningOf(language: Language, code: string): string | undefined {
  const tables = { ...REFUSAL_TEXTS[language], ...RULE_TEXTS[language] };
  return (tables as Readonly<Record<string, string>>)[code];
}
