/**
 * What the report calls figures, plots, columns, what was planned and what was found wrong, in Greek, in
 * the words of the course.
 *
 * @module
 */
import { METRIC_KEYS, METRICS } from "../measure/metric_table.ts";
import type { FigureTextKey, LabelKey } from "./figure_texts_english.ts";

const LABELS = Object.fromEntries(
  METRIC_KEYS.map((key) => [`metric.${key}`, METRICS[key].greek]),
) as Readonly<Record<LabelKey, string>>;

export const FIGURES_GREEK: Readonly<Record<FigureTextKey, string>> = {
  "plot.throughput-by-capacity": "Ρυθμαπόδοση ανά χωρητικότητα και δυσκολία",
  "plot.block-time-by-capacity": "Χρόνος μπλοκ ανά χωρητικότητα και δυσκολία",
  "plot.throughput-by-nodes": "Ρυθμαπόδοση ανά πλήθος κόμβων",
  "plot.block-time-by-nodes": "Χρόνος μπλοκ ανά πλήθος κόμβων",
  "plot.latency": "Καθυστέρηση μιας πληρωμής ανά στάδιο",
  "plot.forks": "Χαμένα μπλοκ: χαμένη εργασία",
  "plot.efficiency": "Αποδοτικότητα",
  "caption.throughput-by-capacity":
    "Επιβεβαιωμένες συναλλαγές ανά δευτερόλεπτο ολόκληρου του δικτύου. Θεωρία: το πολύ που επιτρέπει η απόδειξη εργασίας με τον ρυθμό κατακερματισμού που μετρήθηκε, capacity · H / 16^d.",
  "caption.block-time-by-capacity":
    "Μέσο διάστημα μεταξύ μπλοκ της κύριας αλυσίδας, όπως τα είδε ένας κόμβος. Θεωρία: 16^d / H.",
  "caption.throughput-by-nodes": "Οι ίδιες μετρήσεις, κατά το μέγεθος του δικτύου.",
  "caption.block-time-by-nodes": "Οι ίδιες μετρήσεις, κατά το μέγεθος του δικτύου.",
  "caption.latency":
    "Από την υποβολή ως την απάντηση, ως τη στιγμή που την έχει ο τελευταίος κόμβος, ως το πρώτο μπλοκ που την περιέχει, και ως τη στιγμή που ο τελευταίος κόμβος έχει αυτό το μπλοκ. Λογαριθμική κλίμακα.",
  "caption.forks":
    "Μπλοκ που βρέθηκαν αλλά δεν είναι στην κύρια αλυσίδα, ως ποσοστό όλων. Θεωρία: το όριο 1 - exp(-s / t), όπου s ο μέσος χρόνος ως τον τελευταίο κόμβο και t ο μέσος χρόνος ώσπου να βρεθεί ένα μπλοκ.",
  "caption.efficiency": "Η ρυθμαπόδοση που μετρήθηκε ως ποσοστό της ιδανικής, capacity · H / 16^d.",
  "axis.txPerSecond": "ρυθμαπόδοση, tx/s",
  "axis.blockTimeMs": "χρόνος μπλοκ, ms",
  "axis.latency": "καθυστέρηση, ms",
  "axis.staleShare": "ποσοστό των μπλοκ που βρέθηκαν",
  "axis.efficiency": "μετρημένη / ιδανική",
  "source.ours": "Noobcash",
  "source.theory": "θεωρία",
  "source.reference": "αναφορά",
  "source.others": "η καλύτερη από 18 άλλες",
  "stage.answered": "απαντήθηκε",
  "stage.seenByAll": "την έχουν όλοι",
  "stage.inBlock": "σε μπλοκ",
  "stage.confirmed": "επιβεβαιώθηκε",

  "column.txPerSecond": "tx/s",
  "column.bound": "όριο",
  "column.reference": "αναφορά",
  "column.others": "άλλες",
  "column.best": "δική μας / καλύτερη",
  "column.blockTimeMs": "χρόνος μπλοκ, ms",
  "column.blockTimeBoundMs": "όριο 16^d / H, ms",
  "column.referenceMs": "αναφορά, ms",
  "column.stale": "χαμένα μπλοκ",
  "column.efficiency": "αποδοτικότητα",
  "column.withoutLuck": "χωρίς τύχη",
  "column.cell": "συνδυασμός",
  "column.filled": "γεμάτες θέσεις",
  "column.kept": "μπλοκ που έμειναν",
  "column.mining": "χρόνος εξόρυξης",
  "column.luck": "τύχη",
  "column.measured": "H μετρημένος",
  "column.implied": "H από τα μπλοκ",
  "column.repeat": "επανάληψη",
  "column.judged": "κρίση",
  "column.code": "κωδικός",
  "column.reason": "αιτία",
  "column.figure": "μέτρηση",
  "column.unit": "μονάδα",
  "column.mean": "μέσος",
  "column.deviation": "απόκλιση",
  "column.interval": "95 %",
  "column.what": "τι",
  "column.value": "τιμή",
  "efficiency.product":
    "Αποδοτικότητα = γεμάτες θέσεις × μπλοκ που έμειναν × χρόνος εξόρυξης × τύχη.",
  "cell.runs": "{cell}, {n} έγκυρη εκτέλεση|{cell}, {n} έγκυρες εκτελέσεις",
  "generator":
    "Γεννήτρια φορτίου: το δικό της όριο μετρήθηκε πριν από κάθε εκτέλεση, από {low} ως {high} πληρωμές το δευτερόλεπτο· χρησιμοποιήθηκε το πολύ {share} από αυτό.",

  "plan.machine": "μηχάνημα",
  "plan.machine.value": "{processor}, {cores} πυρήνες, {memory}",
  "plan.system": "σύστημα",
  "plan.runtime": "περιβάλλον εκτέλεσης",
  "plan.resumed": "συνεχίστηκε από άλλο πρόγραμμα από {time}",
  "plan.repetitions": "επαναλήψεις",
  "plan.repetitions.value": "{repeats}, σπόρος της σειράς {seed}",
  "plan.workload": "αρχεία φορτίου",
  "plan.workload.lines": "{workload}, {lines} γραμμές ανά κόμβο",
  "plan.load": "φορτίο",
  "plan.load.closed":
    "κλειστός βρόχος, {concurrency} σε εξέλιξη ανά πελάτη, προβάδισμα {lead} γραμμών",
  "plan.load.open": "ανοιχτός βρόχος, {rate} γραμμές το δευτερόλεπτο",
  "plan.network": "δίκτυο",
  "plan.network.strict": "μόνο γεμάτα μπλοκ",
  "plan.network.wait": "αναμονή μπλοκ {wait} ms",
  "plan.network.value":
    "{blocks}, {threads} νήμα εξόρυξης ανά κόμβο, καθυστέρηση συνδέσμου {latency} ms, απώλεια {loss}|{blocks}, {threads} νήματα εξόρυξης ανά κόμβο, καθυστέρηση συνδέσμου {latency} ms, απώλεια {loss}",

  "markdown.title": "Αποτελέσματα: {name}",
  "markdown.made":
    "Έγινε με `{command}` σε {processor}, {cores} πυρήνες ({os}, Deno {deno})· {speed}. Έγκυρες {valid} από {runs} εκτελέσεις. Τα διαστήματα είναι διαστήματα εμπιστοσύνης 95 %. Το `docs/experiments.md` ορίζει κάθε μέτρηση.",
  "markdown.shared": "όλοι οι κόμβοι μοιράζονται τους πυρήνες του",
  "markdown.limited": "κάθε κόμβος έχει όριο {rate} kH/s",
  "markdown.drawn": "Βγαίνουν από τα δεδομένα με κώδικα.",

  "unit.count": "πλήθος",
  "unit.lines": "γραμμές",
  "unit.lines/s": "γραμμές/s",
  "unit.share": "μερίδιο",
  "unit.blocks": "μπλοκ",
  "unit.ratio": "λόγος",
  "unit.tx": "συναλλαγές",

  "finding.invalid": "άκυρη",
  "finding.flagged": "με σημείωση",
  "finding.hash-rate-off":
    "Τα μπλοκ που βρέθηκαν δεν συμφωνούν με τους κατακερματισμούς που έγιναν",
  "finding.generator-limited": "Η γεννήτρια φορτίου πλησίασε το δικό της όριο",
  "finding.hash-rate-missed": "Το μηχάνημα δεν πρόλαβε τον ρυθμό κατακερματισμού",
  "finding.nothing-confirmed": "Δεν επιβεβαιώθηκε καμία συναλλαγή",
  "finding.not-settled": "Συναλλαγές περίμεναν και τίποτα δεν κινούνταν πια",
  "finding.not-converged": "Οι κόμβοι δεν κατέληξαν στο ίδιο τελευταίο μπλοκ",
  "finding.states-differ": "Με το ίδιο τελευταίο μπλοκ, οι κόμβοι έχουν άλλα αξόδευτα έξοδα",
  "finding.supply-wrong": "Ένας κόμβος μετρά άλλο πλήθος νομισμάτων",
  "finding.not-confirmed": "Συναλλαγές που έγιναν δεκτές δεν επιβεβαιώθηκαν",
  "finding.events-missed": "Γεγονότα δεν ακούστηκαν εγκαίρως· ίσως λείπουν αναδιοργανώσεις",
  "finding.times-missing": "Δεν είναι γνωστό πότε επιβεβαιώθηκαν μερικές συναλλαγές",
  "finding.clocks-differ": "Τα ρολόγια των μηχανημάτων διαφέρουν",
  "finding.run-failed": "Η εκτέλεση απέτυχε",
  ...LABELS,
};
