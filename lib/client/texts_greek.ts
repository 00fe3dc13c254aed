/**
 * Every text of the client's menu, in Greek, in the words of the course.
 *
 * @module
 */
import type { ClientTextKey } from "./texts_english.ts";

export const GREEK: Readonly<Record<ClientTextKey, string>> = {
  "intro": "Noobcash, κόμβος {node} στο {url}",
  "ask": "Τι θέλετε να κάνετε;",
  "pay": "Νέα συναλλαγή",
  "view": "Προβολή τελευταίων συναλλαγών",
  "balance": "Υπόλοιπο",
  "help": "Βοήθεια",
  "exit": "Έξοδος",
  "bye": "Γεια σας",
  "view.title": "Τελευταίες συναλλαγές",
  "help.choice": "Επιλογή",
  "help.does": "Τι κάνει",
  "help.pay": "πληρώνει άλλον κόμβο ή διεύθυνση από το πορτοφόλι αυτού του κόμβου",
  "help.view": "τι περιέχει το τελευταίο επιβεβαιωμένο μπλοκ",
  "help.balance": "τα νομίσματα του κόμβου: επιβεβαιωμένα, εκκρεμή, διαθέσιμα",
  "help.exit": "τέλος· ο κόμβος συνεχίζει",
  "help.without": "χωρίς το μενού",
  "recipient": "Παραλήπτης",
  "recipient.hint": "id κόμβου (1 ή id1) ή διεύθυνση (nbc1…)",
  "recipient.wrong": "Ένα id κόμβου, όπως 1 ή id1, ή μια διεύθυνση που αρχίζει με nbc1",
  "recipient.mistyped": "Η διεύθυνση έχει λάθος: {problem}",
  "amount": "Ποσό σε NBC",
  "amount.hint": "ακέραιος αριθμός",
  "amount.wrong": "Ακέραιος αριθμός από το 1 και πάνω",
  "cancelled": "Καμία πληρωμή",
  "sent": "Στάλθηκαν {amount} NBC στον {receiver}",
  "waiting": "Στάλθηκε, και περιμένει ακόμη μπλοκ",
  "confirmed":
    "Επιβεβαιώθηκε στο μπλοκ {height} μετά από {seconds} s: {amount} NBC στον {receiver}",
  "toSelf": "Το πορτοφόλι πλήρωσε τον εαυτό του: το υπόλοιπό του μένει ίδιο",
  "toSelf.fee": "Το πορτοφόλι πλήρωσε τον εαυτό του: του κοστίζει την αμοιβή των {fee} NBC",
  "block": "Μπλοκ {height}, εξόρυξη από τον {miner} στις {time}",
  "block.genesis": "Genesis, φτιάχτηκε στις {time}· κανείς δεν την εξόρυξε",
  "column.sender": "Αποστολέας",
  "column.receiver": "Παραλήπτης",
  "column.amount": "Ποσό",
  "column.total": "Σύνολο",
  "column.change": "Ρέστα",
  "balance.wallet": "πορτοφόλι",
  "balance.confirmed": "επιβεβαιωμένα",
  "balance.pending": "εκκρεμή",
  "balance.available": "διαθέσιμα",
  "balance.coins": "{available} NBC σε {n} νόμισμα|{available} NBC σε {n} νομίσματα",
};
