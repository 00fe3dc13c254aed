/** Every lesson, as a person plays it: a process, real nodes, an outcome that agrees. */
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { openRoom } from "../control/open_room.ts";
import { testEnvironment } from "../testing/test_environment.ts";
import { createTexts, translationProblems } from "../translation.ts";
import { type Lesson, LESSON_NAMES, type LessonOutcome } from "./lesson.ts";
import { LESSON_TEXTS, LESSONS } from "./lesson_list.ts";
import { playLesson } from "./play_lesson.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

const CHROMIUM = "/usr/bin/chromium";
/** What takes a second alone may take a minute on a machine that does ten other things. */
const WAIT_MS_MAX = 120_000;
const MAIN = new URL("../../main.ts", import.meta.url).href;

async function demo(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSION_FLAGS, "--quiet", "--no-check", MAIN, "demo", ...args],
    env: testEnvironment({ LANG: "C", ...env }),
    clearEnv: true,
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out ?? "", stderr: err ?? "" };
}

/** What each lesson has to have looked at, at least. */
const CHECKS: Readonly<Record<(typeof LESSON_NAMES)[number], readonly string[]>> = {
  "fork": ["fork.check.rivals", "fork.check.winner", "fork.check.side", "check.payment"],
  "double-spend": ["double.check.accepted", "double.check.conflict", "double.check.one"],
  "majority": ["majority.check.confirmed", "majority.check.gone", "majority.check.attacker"],
  "selfish": ["selfish.check.waste", "selfish.check.share"],
  "partition": ["partition.check.two", "partition.check.heavier", "partition.check.all"],
  "late-joiner": ["late.check.tip", "late.check.coins", "late.check.follows"],
  "tamper": [
    "tamper.check.hash",
    "tamper.check.signature",
    "tamper.check.work",
    "tamper.check.link",
    "tamper.check.refused",
    "tamper.check.unmoved",
  ],
};

/**
 * How often a lesson may be played until it agrees. Selfish mining is a matter of luck: where nobody honest
 * follows the pool in a tie, 60 blocks do not show it in one of sixteen plays, so three in a row err once in
 * four thousand.
 */
const TRIES: Readonly<Record<(typeof LESSON_NAMES)[number], number>> = {
  "fork": 1,
  "double-spend": 1,
  "majority": 1,
  "selfish": 3,
  "partition": 1,
  "late-joiner": 1,
  "tamper": 1,
};

for (const name of LESSON_NAMES) {
  Deno.test(`the lesson ${name} ends as it foretells`, async () => {
    let played = await demo([name, "--json"]);
    for (let again = 0; again < TRIES[name] - 1 && played.code === 1; again++) {
      played = await demo([name, "--json"]);
    }
    const { code, stdout, stderr } = played;
    assert.equal(code, 0, stderr + stdout);
    const outcome: LessonOutcome = JSON.parse(stdout);
    assert.equal(outcome.lesson, name);
    assert(outcome.agreed && outcome.expectation.length > 50 && outcome.steps.length >= 2);
    const keys = new Set(outcome.checks.map(({ key }) => key as string));
    for (const key of CHECKS[name]) assert(keys.has(key), `${key} was not looked at`);
  });
}

Deno.test("a lesson is told step by step, in the language that is wanted", async () => {
  const { code, stdout, stderr } = await demo(["fork", "--auto"], { LANG: "el_GR.UTF-8" });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Διακλάδωση: δύο μπλοκ στο ίδιο ύψος/);
  assert.match(stdout, /1\. Κανείς δεν κάνει εξόρυξη/);
  assert.match(stdout, /✓ Διαφορετικά μπλοκ στο ύψος 3\n +περιμέναμε 2, είδαμε 2: συμφωνεί/);
  assert.match(stdout, /Συμφωνεί: όλα έγιναν όπως τα περιμέναμε\.\n$/);
});

Deno.test("noobcash demo alone lists the lessons, and refuses others", async () => {
  const { code, stdout } = await demo([]);
  assert.equal(code, 0);
  for (const name of LESSON_NAMES) assert.match(stdout, new RegExp(`^  ${name} `, "m"));
  const greek = await demo(["--lang", "el"]);
  assert.match(greek.stdout, /Παραποίηση/);
  const json = JSON.parse((await demo(["--json"])).stdout);
  assert.equal(json.lessons.length, LESSON_NAMES.length);
  assert.equal((await demo(["eclipse"])).code, 2);
});

Deno.test("what differs, or does not come, is told and does not agree", async () => {
  const told: string[] = [];
  const outcome = await playLesson(
    lessonThat(async (stage) => {
      await stage.step("fork.heal");
      stage.check("check.supply", { expected: 100, observed: 99 });
      await stage.until(() => Promise.resolve(false), "wait.height");
    }),
    {
      text: createTexts(LESSON_TEXTS, "en"),
      signal: new AbortController().signal,
      waitMsMax: 50,
      narrator: {
        begin: () => told.push("begin"),
        step: (number, text) => Promise.resolve(void told.push(`${number} ${text}`)),
        note: () => {},
        tips: () => {},
        check: (text, { agreed }) => told.push(`${agreed} ${text}`),
        end: ({ agreed }) => told.push(`end ${agreed}`),
      },
    },
  );
  assert.equal(outcome.agreed, false);
  assert.deepEqual(told, [
    "begin",
    "1 The network is whole again. Both branches hold the same work, so the rule for ties decides.",
    "false Coins in all, counted anew at every node",
    "false Waited in vain: a block found",
    "end false",
  ]);
});

Deno.test("a lesson that is interrupted leaves no node behind", async () => {
  const controller = new AbortController();
  const pids: number[] = [];
  const playing = playLesson(
    lessonThat((stage) => {
      controller.abort(new Error("enough"));
      return stage.until(() => Promise.resolve(false), "wait.height");
    }),
    {
      text: createTexts(LESSON_TEXTS, "en"),
      signal: controller.signal,
      narrator: {
        begin: ({ nodes }) => void pids.push(...nodes.map(({ process }) => process.pid)),
        step: () => Promise.resolve(),
        note: () => {},
        tips: () => {},
        check: () => {},
        end: () => {},
      },
    },
  );
  await assert.rejects(playing, /enough/);
  assert.equal(pids.length, 1);
  for (const pid of pids) assert.throws(() => Deno.kill(pid, "SIGCONT"));
});

const browserTest = { ignore: !isFile(CHROMIUM), sanitizeOps: false, sanitizeResources: false };

Deno.test(
  "the control room shows a lesson's steps and what they came to",
  browserTest,
  async () => {
    let turn: (() => void) | undefined;
    const room = openRoom({
      network: { title: "lesson", nodes: 3, capacity: 1, difficulty: 3 },
      onGoOn: () => turn?.(),
      onInternalError: (thrown) => {
        throw thrown;
      },
    });
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    try {
      const page = await browser.newPage({ locale: "en" });
      page.setDefaultTimeout(WAIT_MS_MAX);
      await page.goto(room.createLink());
      const outcome = await playLesson(LESSONS.fork, {
        text: createTexts(LESSON_TEXTS, "en"),
        signal: new AbortController().signal,
        room,
        narrator: {
          begin: () => {},
          step: async (number) => {
            const asked = new Promise<void>((resolve) => turn = resolve);
            await page.getByText(new RegExp(`${number}\\. `)).first().waitFor();
            await page.getByRole("button", { name: "Go on" }).click();
            await asked;
          },
          note: () => {},
          tips: () => {},
          check: () => {},
          end: () => {},
        },
        untilSeen: async () => {
          await page.getByText("Coins in all, counted anew at every node").first().waitFor();
        },
      });
      assert.equal(outcome.agreed, true);
    } finally {
      await browser.close();
      await room.close();
    }
  },
);

Deno.test("every text of the lessons is there in every language", () => {
  assert.deepEqual(translationProblems(LESSON_TEXTS), []);
});

function lessonThat(play: Lesson["play"]): Lesson {
  return { ...LESSONS.fork, network: { nodes: 1, capacity: 1, difficulty: 1 }, play };
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
