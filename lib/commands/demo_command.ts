/**
 * `noobcash demo`: lessons that run. Without a name it lists them.
 *
 * A lesson is told on stdout, step by step; space goes on, `--auto` does not wait. Where nobody can press
 * a key it does not wait either. With `--json` only the outcome is printed. Exit code 1 when what happened
 * does not agree with what was expected.
 *
 * @module
 */
import { Argument, Command } from "@commander-js/extra-typings";
import { styleText } from "node:util";
import { ClusterError } from "../cluster/cluster_error.ts";
import { LessonError } from "../lessons/network_steps.ts";
import {
  type Lesson,
  LESSON_NAMES,
  type LessonName,
  type LessonOutcome,
} from "../lessons/lesson.ts";
import type { Narrator } from "../lessons/play_lesson.ts";
import type { LessonTextKey } from "../lessons/texts_english.ts";
import type { OpenRoom } from "../control/open_room.ts";
import { refusalText } from "../page/texts/refusal_texts.ts";
import { DEFAULT_PARAMS } from "../params.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { languageOption, terminalLanguage } from "../terminal/terminal_language.ts";
import { EXIT_CODE_INTERRUPTED, StoppedByUser, stopSignals } from "../terminal/stop_signals.ts";
import { createTexts, type Language, type Texts } from "../translation.ts";
import { selfName } from "../terminal/self_command.ts";
import { createKeyWaiter } from "../terminal/key_waiter.ts";

export function demoCommand(): Command {
  return new Command("demo")
    .description("lessons that run: forks, attacks, partitions on a network of real nodes")
    .addArgument(new Argument("[lesson]", "which lesson").choices(LESSON_NAMES))
    .option("--auto", "go on without waiting for a key", false)
    .option("--no-ui", "no control room in the browser")
    .addOption(languageOption())
    .option("--json", "print the outcome as one JSON object, and nothing else", false)
    .action(async (lesson, options) => {
      const { LESSON_TEXTS, LESSONS } = await import("../lessons/lesson_list.ts");
      const language = terminalLanguage(options.lang as Language | undefined);
      const text = createTexts(LESSON_TEXTS, language);
      if (lesson === undefined) return list(text, options.json);
      await play(LESSONS[lesson as LessonName], { ...options, text, language });
    }) as unknown as Command;
}

interface DemoOptions {
  readonly text: Texts<LessonTextKey>;
  readonly language: Language;
  readonly auto: boolean;
  readonly ui: boolean;
  readonly json: boolean;
}

function list(text: Texts<LessonTextKey>, json: boolean): void {
  const lessons = LESSON_NAMES.map((name) => ({
    name,
    title: text(`${name}.title`),
    about: text(`${name}.about`),
  }));
  if (json) return console.log(JSON.stringify({ lessons }));
  console.log(`${text("list.title", { program: selfName() })}\n`);
  for (const { name, title } of lessons) {
    console.log(`  ${styleText("bold", name.padEnd(14))}${title}`);
  }
}

async function play(lesson: Lesson, options: DemoOptions): Promise<void> {
  const { text, language, auto, json } = options;
  const stop = stopSignals();
  const isWatched = !auto && !json && Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  const keys = isWatched ? createKeyWaiter() : undefined;
  const print = json ? () => {} : (line: string) => console.log(line);
  const page = createPageTurns();
  const room = await openLessonRoom(lesson, options, isWatched ? page.turn : undefined);
  const { playLesson } = await import("../lessons/play_lesson.ts");
  try {
    printBeginning(lesson, text, print);
    if (room !== undefined) print(styleText("dim", text("room", { url: room.createLink() })));
    const outcome = await playLesson(lesson, {
      text,
      room,
      signal: stop.signal,
      narrator: createNarrator({
        text,
        print,
        nextKey: keys && ((hint) => keys.next(hint, page.next())),
      }),
      ...(keys !== undefined && { untilSeen: () => keys.next(text("end")) }),
    });
    if (json) console.log(JSON.stringify(outcome));
    if (!outcome.agreed) Deno.exitCode = 1;
  } catch (error) {
    if (error instanceof StoppedByUser) {
      print(text("stopped"));
      Deno.exitCode = EXIT_CODE_INTERRUPTED;
    } else if (error instanceof LessonError) {
      failCommand("refused", refusalText(language, error));
    } else if (error instanceof ClusterError) {
      failCommand("refused", text(`failed.${error.code}`, { reason: error.message }));
    } else throw error;
  } finally {
    keys?.close();
    await room?.close();
    stop.dispose();
  }

  // The terminal may still be read; nothing else is under way.
  if (keys !== undefined) Deno.exit();
}

/** What a reader of the page asks for: the step that the lesson waits for, and no later one. */
function createPageTurns(): { next(): Promise<void>; turn(): void } {
  let waiting: (() => void) | undefined;
  return {
    next: () => new Promise((resolve) => waiting = resolve),
    turn() {
      waiting?.();
      waiting = undefined;
    },
  };
}

/** A page of the whole network, where somebody is there to look at it. */
async function openLessonRoom(
  { network }: Lesson,
  { ui, json, language, text }: DemoOptions,
  onGoOn: (() => void) | undefined,
): Promise<OpenRoom | undefined> {
  if (!ui || json) return undefined;
  const { openRoom } = await import("../control/open_room.ts");
  const { nodes } = network;
  return openRoom({
    network: {
      title: text("lesson"),
      nodes,
      capacity: network.capacity ?? DEFAULT_PARAMS.capacity,
      difficulty: network.difficulty ?? DEFAULT_PARAMS.difficulty,
    },
    language,
    ...(onGoOn !== undefined && { onGoOn }),
    onInternalError: (thrown) => console.error(thrown),
  });
}

function printBeginning(
  { name, network }: Lesson,
  text: Texts<LessonTextKey>,
  print: (line: string) => void,
): void {
  print(styleText("bold", `${text("lesson")}: ${text(`${name}.title`)}\n`));
  print(wrapped(text(`${name}.about`)));
  print(`\n${styleText("bold", text("expect"))}\n`);
  print(wrapped(text(`${name}.expect`)));
  print(`\n${styleText("dim", text("starting", { n: network.nodes }))}`);
}

function printEnd(
  { checks, agreed }: LessonOutcome,
  text: Texts<LessonTextKey>,
  print: (line: string) => void,
): void {
  print(`\n${styleText("bold", text("happened"))}\n`);
  for (const { text: told, observed, expected, agreed: isSo } of checks) {
    const seen = isSo ? observed : `${observed} (${text("expected")} ${expected})`;
    print(wrapped(`${told}: ${seen}`, `   ${markOf(isSo)} `, 5));
  }
  const differing = checks.filter((check) => !check.agreed).length;
  print(
    agreed
      ? `\n${styleText(["bold", "green"], text("agreed"))}`
      : `\n${styleText(["bold", "red"], text("disagreed", { n: differing }))}`,
  );
}

function createNarrator(
  { text, print, nextKey }: {
    readonly text: Texts<LessonTextKey>;
    readonly print: (line: string) => void;
    readonly nextKey: ((hint: string) => Promise<void>) | undefined;
  },
): Narrator {
  return {
    begin: ({ nodes }) => print(styleText("dim", text("ready", { n: nodes.length }))),
    async step(number, told) {
      await nextKey?.(text("continue"));
      print(`\n${wrapped(told, `${number}. `)}`);
    },
    note: (told) => print(`${wrapped(told, "   ")}`),
    tips(tips) {
      const rows = [
        [text("tips.node"), text("tips.height"), text("tips.tip"), text("tips.waiting")],
        ...tips.map(({ id, height, hash, waiting }) =>
          [id, height, hash.slice(0, 16), waiting].map(String)
        ),
      ];
      const widths = [0, 1, 2, 3].map((column) =>
        Math.max(...rows.map((row) => row[column]!.length))
      );
      print("");
      for (const [index, row] of rows.entries()) {
        const line = row.map((cell, column) => cell.padEnd(widths[column]!)).join("   ").trimEnd();
        print(`     ${index === 0 ? styleText("dim", line) : line}`);
      }
    },
    check: (told, check) => printCheck(told, check, { text, print }),
    end: (outcome) => printEnd(outcome, text, print),
  };
}

function printCheck(
  told: string,
  { expected, observed, agreed }:
    | LessonOutcome["checks"][number]
    | Parameters<Narrator["check"]>[1],
  { text, print }: {
    readonly text: Texts<LessonTextKey>;
    readonly print: (line: string) => void;
  },
): void {
  print(wrapped(told, `   ${markOf(agreed)} `, 5));
  print(
    `       ${text("expected")} ${expected}, ${text("observed")} ${observed}: ` +
      styleText(agreed ? "green" : "red", text(agreed ? "yes" : "no")),
  );
}

function markOf(agreed: boolean): string {
  return agreed ? styleText("green", "✓") : styleText("red", "✗");
}

/** A terminal that says it is narrower than this does not know its width. */
const WIDTH_MIN = 30;
const WIDTH_MAX = 92;

/** Breaks a text into lines that fit the terminal, behind a first indent. */
function wrapped(told: string, first = "", indent = first.length): string {
  const columns = Deno.stdout.isTerminal() ? Deno.consoleSize().columns : 0;
  const width = columns < WIDTH_MIN ? WIDTH_MAX : Math.min(WIDTH_MAX, columns);
  const lines: string[] = [];
  let line = "";
  for (const word of told.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((each, index) => (index === 0 ? first : " ".repeat(indent)) + each).join("\n");
}
