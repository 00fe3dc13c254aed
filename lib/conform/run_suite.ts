/**
 * Runs tests one after the other: a network for each wish, shared by the tests that leave it whole.
 *
 * A failed test is run again on a network of its own, three runs in all, so that flaky is told from broken.
 * Whatever an implementation does, every test gets a verdict in bounded time: a start that failed three
 * times in a row is not tried again for the same wish, and an implementation that never started at all is
 * not started for each test anew.
 *
 * @module
 */
import { type RandomStream, randomStream } from "../random/random_stream.ts";
import type { Adapter } from "./adapter_schema.ts";
import { afterAwake } from "./awake_time.ts";
import type { ConformTest } from "./conform_test.ts";
import { NetworkUnderTest, type StartEvidence } from "./network_under_test.ts";
import type { NetworkWish } from "./network_wish.ts";
import { machineSlowness } from "./machine_load.ts";
import type { TestResult } from "./result.ts";
import { TestSession } from "./test_session.ts";
import { Failure, NotApplicable, Trouble } from "./trouble.ts";
import type { Workplace } from "./workplace.ts";

const START_FAILURES_MAX = 3;
export const TEST_MS_MAX = 120_000;
const CALLS_KEPT = 300;
const LOG_KEPT = 8_000;

export interface SuiteOptions {
  readonly seed: number;
  /** How often a failed test is run in all. */
  readonly runs: number;
  readonly signal: AbortSignal;
  onStart(test: ConformTest, run: number): void;
  onResult(result: TestResult): void;
}

interface Attempt {
  readonly error: unknown;
  readonly notes: readonly string[];
  readonly calls: TestResult["calls"];
  readonly logs: readonly string[];
  readonly failedAtMs: number;
}

export async function runSuite(
  workplace: Workplace,
  tests: readonly ConformTest[],
  { seed, runs: runsMax, signal, onStart, onResult }: SuiteOptions,
): Promise<void> {
  const starts = new Starts(workplace, seed);
  let session: TestSession | undefined;
  let sessionKey = "";
  try {
    for (const test of inGroups(tests)) {
      signal.throwIfAborted();
      await judge(test);
    }
  } finally {
    await session?.net.close();
  }

  async function judge(test: ConformTest): Promise<void> {
    const startedAt = new Date().toISOString();
    const startedAtMs = performance.now();
    const why = whyNotFor(test, workplace.adapter);
    const attempts: Attempt[] = [];
    let [runs, failures] = [0, 0];
    if (why !== undefined) attempts.push(emptyAttempt(new NotApplicable(why)));
    else {
      for (let run = 1; run <= runsMax; run++) {
        onStart(test, run);
        const attempt = await tryOnce(test, run > 1);
        runs++;
        attempts.push(attempt);
        if (attempt.error === undefined && run === 1) break;
        if (attempt.error !== undefined && !(attempt.error instanceof NotApplicable)) failures++;
        if (attempt.error instanceof NotApplicable || isNotTriedAgain(attempt.error)) break;
      }
    }
    onResult(resultOf(test, attempts, {
      runs,
      failures,
      startedAt,
      durationMs: Math.round(performance.now() - startedAtMs),
    }));
  }

  async function tryOnce(test: ConformTest, isAlone: boolean): Promise<Attempt> {
    const startedAtMs = performance.now();
    const random = randomStream(seed, `conform/${test.code}`);
    const key = JSON.stringify(test.network);
    let current: TestSession | undefined;
    try {
      const isUseless = session === undefined || session.net.isClosed || sessionKey !== key;
      if (isUseless || isAlone || test.spoils === true) {
        await endSession();
        session = await starts.open(test.network, random);
        sessionKey = key;
      }
      current = session as TestSession;
      current.random = random;
      current.notes = [];
      current.net.caller.begin(startedAtMs);
      await withinTime(
        test.run(current),
        (test.timeoutMs ?? TEST_MS_MAX) * machineSlowness(),
      );
      const { notes } = current;
      if (test.spoils === true) await endSession();
      return { error: undefined, notes, calls: [], logs: [], failedAtMs: 0 };
    } catch (error) {
      if (
        !(error instanceof Failure || error instanceof Trouble || error instanceof NotApplicable)
      ) throw error;
      const failedAtMs = performance.now() - startedAtMs;
      const { logs: startLogs = [], calls: startCalls = [] } = error as StartEvidence;
      const logs = current?.net.nodes.map(({ log }) => log) ?? startLogs;
      const attempt = {
        error,
        notes: current?.notes ?? [],
        calls: (current?.net.caller.calls ?? startCalls).slice(-CALLS_KEPT),
        logs: logs.map((log) => log.slice(-LOG_KEPT)),
        failedAtMs,
      };
      // Whatever it did, the next test gets a fresh network.
      if (!(error instanceof NotApplicable)) await endSession();
      return attempt;
    }
  }

  async function endSession(): Promise<void> {
    const ending = session;
    session = undefined;
    await ending?.net.close();
  }
}

/** Why there is nothing to judge with this adapter. */
function whyNotFor(test: ConformTest, adapter: Adapter): string | undefined {
  const lacking = test.needs.find((operation) => adapter.operations[operation] === undefined);
  return lacking !== undefined
    ? `the adapter has no operation "${lacking}"`
    : test.notFor?.(adapter);
}

/** A test's verdict on an implementation that is not there at all. */
export function resultWithout(test: ConformTest, adapter: Adapter, trouble: Trouble): TestResult {
  const why = whyNotFor(test, adapter);
  return resultOf(test, [emptyAttempt(why === undefined ? trouble : new NotApplicable(why))], {
    runs: why === undefined ? 1 : 0,
    failures: why === undefined ? 1 : 0,
    startedAt: new Date().toISOString(),
    durationMs: 0,
  });
}

/** What a test's attempts come to. */
function resultOf(
  test: ConformTest,
  attempts: readonly Attempt[],
  { runs, failures, startedAt, durationMs }: Pick<
    TestResult,
    "runs" | "failures" | "startedAt" | "durationMs"
  >,
): TestResult {
  const shown = attempts.find(({ error }) => error !== undefined) ?? attempts[0] as Attempt;
  const { code, level, title, basis, points } = test;
  const verdict = failures > 0
    ? failures === runs ? "failed" : "flaky"
    : attempts.some(({ error }) => error instanceof NotApplicable)
    ? "not-applicable"
    : "passed";
  return {
    code,
    level,
    title,
    why: test.why,
    basis,
    points,
    verdict,
    reason: shown.error === undefined ? null : (shown.error as Error).message,
    failureCode: failures === 0
      ? null
      : shown.error instanceof Trouble
      ? shown.error.code
      : "wrong-answer",
    runs,
    failures,
    startedAt,
    durationMs,
    failedAtMs: failures === 0 ? null : Math.round(shown.failedAtMs),
    notes: shown.notes,
    calls: failures === 0 ? [] : shown.calls,
    logs: failures === 0 ? [] : shown.logs,
  };
}

/** Starts networks; one that has not started several times in a row is not started again. */
class Starts {
  readonly #workplace: Workplace;
  readonly #seed: SuiteOptions["seed"];
  readonly #failed = new Map<string, { count: number; error: Trouble }>();
  #hasEverStarted = false;
  #firstTrouble: { count: number; error: Trouble } | undefined;

  constructor(workplace: Workplace, seed: SuiteOptions["seed"]) {
    this.#workplace = workplace;
    this.#seed = seed;
  }

  async open(wish: NetworkWish, random: RandomStream): Promise<TestSession> {
    const key = JSON.stringify(wish);
    const before = this.#failed.get(key);
    if (before !== undefined && before.count >= START_FAILURES_MAX) throw again(before.error);
    const first = this.#firstTrouble;
    if (!this.#hasEverStarted && first !== undefined && first.count >= START_FAILURES_MAX) {
      throw again(first.error);
    }
    const open = (wanted: NetworkWish) =>
      NetworkUnderTest.start(
        this.#workplace,
        wanted,
        randomStream(this.#seed, `conform/${JSON.stringify(wanted)}`),
      );
    try {
      const net = await open(wish);
      this.#hasEverStarted = true;
      this.#failed.delete(key);
      return new TestSession(net, random, open);
    } catch (error) {
      if (error instanceof Trouble) {
        this.#failed.set(key, { count: (before?.count ?? 0) + 1, error });
        this.#firstTrouble = { count: (this.#firstTrouble?.count ?? 0) + 1, error };
      }
      throw error;
    }
  }
}

const AGAIN = "not started again after three failures in a row; ";

function again({ code, message, ...rest }: Trouble & StartEvidence): Trouble {
  const text = message.startsWith(AGAIN) ? message : AGAIN + message;
  return Object.assign(new Trouble(code, text), { logs: rest.logs ?? [], calls: rest.calls ?? [] });
}

function isNotTriedAgain(error: unknown): boolean {
  return error instanceof Trouble && error.message.startsWith(AGAIN);
}

function emptyAttempt(error: Error): Attempt {
  return { error, notes: [], calls: [], logs: [], failedAtMs: 0 };
}

/** Tests with the same wish stand together, those that spoil a network behind the others; else as listed. */
export function inGroups(tests: readonly ConformTest[]): readonly ConformTest[] {
  const groups = new Map<string, ConformTest[]>();
  for (const test of tests) {
    const key = `${test.level} ${JSON.stringify(test.network)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [test]);
    else group.push(test);
  }
  return [...groups.values()].flatMap((group) => [
    ...group.filter(({ spoils }) => spoils !== true),
    ...group.filter(({ spoils }) => spoils === true),
  ]);
}

async function withinTime(work: Promise<void>, timeoutMs: number): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const callOff = afterAwake(
    timeoutMs,
    () =>
      reject(new Trouble("test-time-out", `no verdict within ${Math.round(timeoutMs / 1000)} s`)),
  );
  work.catch(() => {});
  try {
    await Promise.race([work, promise]);
  } finally {
    callOff();
  }
}
