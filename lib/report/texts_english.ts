/**
 * Every text of the report's page and of its conclusions, in English: the table that others translate.
 *
 * @module
 */

export const ENGLISH = {
  "title": "Noobcash: {name}",
  "language": "en",
  "experiment": "experiment",
  "summary":
    "{cells} cells, {valid} of {runs} runs valid · {started} UTC · {program} on {processor}",
  "figures": "Figures",
  "contents": "Contents",
  "section.conclusions": "Conclusions",
  "section.figures": "Throughput and block time",
  "section.plots": "Plots",
  "section.time": "Where the time goes",
  "section.validity": "Validity",
  "section.method": "Method",
  "section.environment": "Environment and plan",
  "section.every": "Every figure",
  "speed.shared":
    "No hash rate limit: all nodes of a run share the {cores} cores of one machine, so more nodes do not hash faster.",
  "speed.limited":
    "Each node's hash rate is limited to {rate} kH/s, so that n nodes hash n times as fast as one, as on machines of their own.",
  "method.run":
    "Each run starts a fresh network of operating-system processes on one machine and waits until every node holds 100 confirmed NBC. The clients then replay their files, all at once; the run ends when all nodes have the same tip and nothing waits that could be mined.",
  "method.metrics":
    "Throughput counts workload transactions that stand on the main chain of every node, from the first submit to the last confirmation. Block time is the mean interval between main-chain blocks as one node saw them; mining time is what the miners searched for each block found. Times are the nodes' own.",
  "method.valid":
    "A run counts only if all nodes end on one tip with the same set of unspent outputs, every coin is there and every accepted transaction is confirmed. Others are listed with their reason and averaged into nothing.",
  "method.statistics":
    "Intervals are Student's 95 % confidence intervals over repetitions; differences are tested by Welch's t-test at 5 %. Cells were visited in a new random order in each repetition.",
  "method.published":
    "Published values come from single runs of other programs on five virtual machines of two cores. They show what was reached there, not what this program would reach on those machines.",
  "again": "Run it again:",
  "validity.all": "Every run is valid and none is flagged.",

  "verdict.yes": "yes",
  "verdict.no": "no",
  "verdict.undecided": "undecided",
  "ask.capacityThroughput": "Does a larger capacity raise throughput?",
  "ask.capacityBlockTime": "Does a larger capacity leave block time as it is?",
  "ask.difficultyBlockTime": "Does a higher difficulty lengthen block time?",
  "ask.difficultyThroughput": "Does a higher difficulty lower throughput?",
  "ask.nodesThroughput": "Do more nodes raise throughput?",
  "ask.published":
    "Is throughput above the best published value in every cell whose hash rate allows it?",
  "ask.efficiency": "Is efficiency at least {share} from difficulty 5 on?",
  "ask.hashRates": "Do the blocks found agree with the hashes made?",
  "ask.valid": "Did every run end on one chain with every coin accounted for?",
  "axis.nodes": "nodes",
  "axis.capacity": "capacity",
  "axis.difficulty": "difficulty",
  "slice.nodes": "{value} nodes",
  "slice.capacity": "capacity {value}",
  "slice.difficulty": "difficulty {value}",
  "along": "{slice}, {axis} {low} to {high}",
  "effect.shown": "{cells}: {low} to {high} {unit} (× {ratio})",
  "effect.few": "{shown}; the runs are too few to tell",
  "effect.outside": "{shown}; outside the error, p {p}",
  "effect.inside": "{shown}; inside the error, p {p}",
  "published.shown": "{cell}: {ours} tx/s, best published {best} (× {ratio})",
  "published.outOfReach":
    "{shown}; out of reach here: at {bound} tx/s the hash rate sets the bound",
  "published.both": "{shown}; the interval holds both",
  "efficiency.shown": "{cell}: {measured} measured, of which luck × {luck}; {without} without it",
  "hashRates.one": "the run lies {sigmas} standard deviations off, p {p}",
  "hashRates.together": "all {count} runs together lie {sigmas} standard deviations off, p {p}",
  "hashRates.farthest":
    "the farthest of {count} runs lies {sigmas} off, p {p} for the farthest of so many",
  "valid.shown": "{valid} of {runs} runs are valid",

  "compared.a": "a",
  "compared.b": "b",
  "compared.ratio": "b / a",
  "compared.p": "p",
  "compared.verdict": "difference",
  "compared.better": "better",
  "compared.worse": "worse",
  "compared.different": "different",
  "compared.no difference found": "no difference found",
  "compared.single runs": "single runs",
  "compared.nothing": "The two have no cell in common",

  "progress.run": "run {run} of {runs} ({cell}), {share}",
  "progress.left": "{progress}, about {time} left",
  "progress.seconds": "{n} s",
  "progress.minutes": "{n} min",
  "progress.hours": "{n} h",
  "progress.invalid": "{name}  invalid: {reasons}",
  "progress.confirmed": "{name}  {confirmed} of {offered} confirmed",
  "progress.noThroughput": "throughput unknown",
  "progress.throughput": "{rate} tx/s",
  "progress.efficiency": "efficiency {share}",
  "progress.generator": "the load generator used {share} of its limit, {limit} lines/s",
  "progress.stopped": "Stopped. Go on with: {command}",
  "progress.shard": "Shard {shard}: {own} of {all} runs; put all shards together with: {command}",
  "progress.report": "Report: {path}",
} as const;

export type ReportTextKey = keyof typeof ENGLISH;
