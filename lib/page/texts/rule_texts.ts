/**
 * What each rule stops, in every language: the sentences of the explorer's table, and of refusals in pages
 * and menus that do not speak English.
 *
 * The English ones are those of the rule table; a test holds them against it.
 *
 * @module
 */
import type { Translations } from "../../translation.ts";

const ENGLISH = {
  "tx-sender-reserved": "the sender is wallet 0",
  "tx-no-inputs": "there are no inputs",
  "tx-duplicate-input": "an output is spent twice",
  "tx-output-count": "not 1 or 2 outputs",
  "tx-amount-invalid": "an output is 0 or no safe integer",
  "tx-change-misdirected": "the second output is not the sender's",
  "tx-outputs-overflow": "the outputs' sum is no safe integer",
  "tx-input-missing": "an input is unknown or spent",
  "tx-input-foreign": "an input belongs to somebody else",
  "tx-overspends": "inputs < outputs + the network's fee",
  "tx-underspends": "inputs > outputs + the network's fee",
  "tx-bad-signature": "the signature does not verify",
  "block-bad-target":
    "another compact target than the network's, or than the blocks below it demand",
  "block-bad-work": "the hash is above the target",
  "block-over-capacity": "more transactions than the capacity",
  "block-empty": "no transactions, unless the network has empty blocks",
  "block-underfull":
    "strict network, fewer transactions than the capacity, and not the start-up height ⌈(n − 1) / capacity⌉",
  "block-oversized": "more than 5 MiB",
  "block-duplicate-transaction": "a txid twice",
  "block-bad-merkle-root": "the root is not the transactions'",
  "block-bad-transaction":
    "a transaction breaks a rule, alone or while the block is connected (the cause is in the evidence)",
  "block-foreign-genesis": "height 0, and not our genesis",
  "block-parent-unknown": "the parent is not here: held as an orphan, headers are asked for",
  "block-parent-invalid": "the parent is invalid",
  "block-bad-height": "not parent + 1",
  "block-time-too-old": "not later than the median of the last 11 timestamps",
  "block-time-too-new": "more than two hours ahead of the node's clock",
  "block-already-known": "seen before",
  "block-invalidated": "invalid by an earlier check, or by hand",
} as const;

export type RuleTextKey = keyof typeof ENGLISH;

export const RULE_TEXTS: Translations<RuleTextKey> = {
  en: ENGLISH,
  el: {
    "tx-sender-reserved": "αποστολέας είναι το πορτοφόλι 0",
    "tx-no-inputs": "δεν υπάρχουν είσοδοι",
    "tx-duplicate-input": "μια έξοδος ξοδεύεται δύο φορές",
    "tx-output-count": "οι έξοδοι δεν είναι 1 ή 2",
    "tx-amount-invalid": "μια έξοδος είναι 0 ή όχι ασφαλής ακέραιος",
    "tx-change-misdirected": "η δεύτερη έξοδος δεν είναι του αποστολέα",
    "tx-outputs-overflow": "το άθροισμα των εξόδων δεν είναι ασφαλής ακέραιος",
    "tx-input-missing": "μια είσοδος είναι άγνωστη ή ξοδεμένη",
    "tx-input-foreign": "μια είσοδος ανήκει σε άλλον",
    "tx-overspends": "είσοδοι < έξοδοι + η αμοιβή του δικτύου",
    "tx-underspends": "είσοδοι > έξοδοι + η αμοιβή του δικτύου",
    "tx-bad-signature": "η υπογραφή δεν επαληθεύεται",
    "block-bad-target":
      "άλλος συμπαγής στόχος από εκείνον του δικτύου ή από εκείνον που ζητούν τα προηγούμενα μπλοκ",
    "block-bad-work": "το hash είναι πάνω από τον στόχο",
    "block-over-capacity": "περισσότερες συναλλαγές από τη χωρητικότητα",
    "block-empty": "καμία συναλλαγή, εκτός αν το δίκτυο έχει κενά μπλοκ",
    "block-underfull":
      "αυστηρό δίκτυο, λιγότερες συναλλαγές από τη χωρητικότητα, και όχι το ύψος εκκίνησης ⌈(n − 1) / χωρητικότητα⌉",
    "block-oversized": "πάνω από 5 MiB",
    "block-duplicate-transaction": "ένα txid δύο φορές",
    "block-bad-merkle-root": "η ρίζα δεν είναι των συναλλαγών",
    "block-bad-transaction":
      "μια συναλλαγή παραβαίνει κανόνα, μόνη της ή καθώς συνδέεται το μπλοκ (η αιτία είναι στα στοιχεία)",
    "block-foreign-genesis": "ύψος 0, και όχι η δική μας γένεση",
    "block-parent-unknown": "ο γονέας δεν είναι εδώ: κρατιέται ως ορφανό, ζητούνται επικεφαλίδες",
    "block-parent-invalid": "ο γονέας είναι άκυρος",
    "block-bad-height": "όχι ύψος γονέα + 1",
    "block-time-too-old": "όχι μετά τη διάμεσο των τελευταίων 11 χρονοσφραγίδων",
    "block-time-too-new": "πάνω από δύο ώρες μπροστά από το ρολόι του κόμβου",
    "block-already-known": "το έχουμε ξαναδεί",
    "block-invalidated": "άκυρο από προηγούμενο έλεγχο, ή με το χέρι",
  },
};
