/**
 * Every text of the report's page and of its conclusions, in Greek, in the words of the course.
 *
 * @module
 */
import type { ReportTextKey } from "./texts_english.ts";

export const GREEK: Readonly<Record<ReportTextKey, string>> = {
  "title": "Noobcash: {name}",
  "language": "el",
  "experiment": "πείραμα",
  "summary":
    "{cells} συνδυασμοί, {valid} από {runs} εκτελέσεις έγκυρες · {started} UTC · {program} σε {processor}",
  "figures": "Μετρήσεις",
  "contents": "Περιεχόμενα",
  "section.conclusions": "Συμπεράσματα",
  "section.figures": "Ρυθμαπόδοση και χρόνος μπλοκ",
  "section.plots": "Διαγράμματα",
  "section.time": "Πού πηγαίνει ο χρόνος",
  "section.validity": "Εγκυρότητα",
  "section.method": "Μέθοδος",
  "section.environment": "Περιβάλλον και σχέδιο",
  "section.every": "Όλες οι μετρήσεις",
  "speed.shared":
    "Χωρίς όριο στον ρυθμό κατακερματισμού: όλοι οι κόμβοι μοιράζονται τους {cores} πυρήνες ενός μηχανήματος, άρα περισσότεροι κόμβοι δεν κατακερματίζουν γρηγορότερα.",
  "speed.limited":
    "Ο ρυθμός κατακερματισμού κάθε κόμβου περιορίζεται σε {rate} kH/s, ώστε n κόμβοι να είναι n φορές πιο γρήγοροι από έναν, όπως σε δικά τους μηχανήματα.",
  "method.run":
    "Κάθε εκτέλεση ξεκινά ένα νέο δίκτυο διεργασιών σε ένα μηχάνημα και περιμένει ώσπου κάθε κόμβος να έχει 100 επιβεβαιωμένα NBC. Μετά οι πελάτες στέλνουν όλοι μαζί τα αρχεία τους· η εκτέλεση τελειώνει όταν όλοι οι κόμβοι έχουν το ίδιο τελευταίο μπλοκ και δεν περιμένει τίποτα που μπορεί να εξορυχθεί.",
  "method.metrics":
    "Η ρυθμαπόδοση μετρά συναλλαγές του φορτίου που βρίσκονται στην κύρια αλυσίδα κάθε κόμβου, από την πρώτη υποβολή ως την τελευταία επιβεβαίωση. Χρόνος μπλοκ είναι το μέσο διάστημα μεταξύ μπλοκ της κύριας αλυσίδας όπως τα είδε ένας κόμβος· χρόνος εξόρυξης είναι όσο έψαξαν οι εξορύκτες για κάθε μπλοκ που βρέθηκε. Οι χρόνοι είναι των ίδιων των κόμβων.",
  "method.valid":
    "Μια εκτέλεση μετρά μόνο αν όλοι οι κόμβοι καταλήγουν στο ίδιο μπλοκ με το ίδιο σύνολο αξόδευτων εξόδων, δεν λείπει κανένα νόμισμα και κάθε συναλλαγή που έγινε δεκτή έχει επιβεβαιωθεί. Οι άλλες αναφέρονται με την αιτία τους και δεν μπαίνουν σε κανέναν μέσο όρο.",
  "method.statistics":
    "Τα διαστήματα είναι διαστήματα εμπιστοσύνης 95 % του Student στις επαναλήψεις· οι διαφορές ελέγχονται με το t-test του Welch στο 5 %. Σε κάθε επανάληψη οι συνδυασμοί έτρεξαν με νέα τυχαία σειρά.",
  "method.published":
    "Οι δημοσιευμένες τιμές είναι από μεμονωμένες εκτελέσεις άλλων προγραμμάτων σε πέντε εικονικά μηχανήματα με δύο πυρήνες. Δείχνουν τι επιτεύχθηκε εκεί, όχι τι θα πετύχαινε εκεί αυτό το πρόγραμμα.",
  "again": "Εκτελέστε το ξανά:",
  "validity.all": "Όλες οι εκτελέσεις είναι έγκυρες και καμία δεν έχει σημείωση.",

  "verdict.yes": "ναι",
  "verdict.no": "όχι",
  "verdict.undecided": "ασαφές",
  "ask.capacityThroughput": "Αυξάνει η μεγαλύτερη χωρητικότητα τη ρυθμαπόδοση;",
  "ask.capacityBlockTime": "Αφήνει η μεγαλύτερη χωρητικότητα τον χρόνο μπλοκ όπως είναι;",
  "ask.difficultyBlockTime": "Μεγαλώνει η υψηλότερη δυσκολία τον χρόνο μπλοκ;",
  "ask.difficultyThroughput": "Μειώνει η υψηλότερη δυσκολία τη ρυθμαπόδοση;",
  "ask.nodesThroughput": "Αυξάνουν περισσότεροι κόμβοι τη ρυθμαπόδοση;",
  "ask.published":
    "Είναι η ρυθμαπόδοση πάνω από την καλύτερη δημοσιευμένη τιμή όπου ο ρυθμός κατακερματισμού το επιτρέπει;",
  "ask.efficiency": "Είναι η αποδοτικότητα τουλάχιστον {share} από δυσκολία 5 και πάνω;",
  "ask.hashRates": "Συμφωνούν τα μπλοκ που βρέθηκαν με τους κατακερματισμούς που έγιναν;",
  "ask.valid": "Τελείωσε κάθε εκτέλεση σε μία αλυσίδα χωρίς να λείπει νόμισμα;",
  "axis.nodes": "κόμβοι",
  "axis.capacity": "χωρητικότητα",
  "axis.difficulty": "δυσκολία",
  "slice.nodes": "{value} κόμβοι",
  "slice.capacity": "χωρητικότητα {value}",
  "slice.difficulty": "δυσκολία {value}",
  "along": "{slice}, {axis} από {low} σε {high}",
  "effect.shown": "{cells}: {low} σε {high} {unit} (× {ratio})",
  "effect.few": "{shown}· οι εκτελέσεις είναι πολύ λίγες για να φανεί",
  "effect.outside": "{shown}· έξω από το σφάλμα, p {p}",
  "effect.inside": "{shown}· μέσα στο σφάλμα, p {p}",
  "published.shown": "{cell}: {ours} tx/s, καλύτερη δημοσιευμένη {best} (× {ratio})",
  "published.outOfReach":
    "{shown}· ανέφικτη εδώ: ο ρυθμός κατακερματισμού βάζει το όριο στα {bound} tx/s",
  "published.both": "{shown}· το διάστημα περιέχει και τις δύο",
  "efficiency.shown": "{cell}: μετρήθηκε {measured}, με τύχη × {luck}· χωρίς αυτήν {without}",
  "hashRates.one": "η εκτέλεση απέχει {sigmas} τυπικές αποκλίσεις, p {p}",
  "hashRates.together": "και οι {count} εκτελέσεις μαζί απέχουν {sigmas} τυπικές αποκλίσεις, p {p}",
  "hashRates.farthest":
    "η πιο μακρινή από {count} εκτελέσεις απέχει {sigmas}, p {p} για την πιο μακρινή από τόσες",
  "valid.shown": "έγκυρες {valid} από {runs} εκτελέσεις",

  "compared.a": "α",
  "compared.b": "β",
  "compared.ratio": "β / α",
  "compared.p": "p",
  "compared.verdict": "διαφορά",
  "compared.better": "καλύτερα",
  "compared.worse": "χειρότερα",
  "compared.different": "διαφορετικά",
  "compared.no difference found": "δεν βρέθηκε διαφορά",
  "compared.single runs": "από μία εκτέλεση",
  "compared.nothing": "Τα δύο δεν έχουν κοινό συνδυασμό",

  "progress.run": "εκτέλεση {run} από {runs} ({cell}), {share}",
  "progress.left": "{progress}, περίπου {time} ακόμη",
  "progress.seconds": "{n} δ",
  "progress.minutes": "{n} λεπτά",
  "progress.hours": "{n} ώρες",
  "progress.invalid": "{name}  άκυρη: {reasons}",
  "progress.confirmed": "{name}  επιβεβαιώθηκαν {confirmed} από {offered}",
  "progress.noThroughput": "άγνωστη ρυθμαπόδοση",
  "progress.throughput": "{rate} συναλλαγές/δ",
  "progress.efficiency": "αποδοτικότητα {share}",
  "progress.generator":
    "η γεννήτρια φορτίου χρησιμοποίησε {share} του ορίου της, {limit} γραμμές/δ",
  "progress.stopped": "Σταμάτησε. Συνεχίστε με: {command}",
  "progress.shard": "Μέρος {shard}: {own} από {all} εκτελέσεις· ενώστε όλα τα μέρη με: {command}",
  "progress.report": "Αναφορά: {path}",
};
