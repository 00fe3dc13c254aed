/** Garbage is collected for growth, not for size, and in one piece only when nobody waits for the node. */
import assert from "node:assert/strict";
import {
  BUSY_MS_MIN,
  createMemoryLook,
  createTidyLook,
  GARBAGE_BYTES,
  GROWTH_BYTES,
  GROWTH_BYTES_MAX,
  QUIET_LOOKS,
  REST_LOOKS,
  STRANGERS_GARBAGE_BYTES,
  STRANGERS_LOOKS,
  STRANGERS_MS_MIN,
  WORK_GARBAGE_BYTES,
  WORK_INPUTS_MIN,
} from "./memory_watch.ts";

/** A node that grows as it is told to; a collection leaves what is in use. */
function world(inUse: () => number, isUncollected = false) {
  const state = {
    resident: 100e6,
    inputs: 0,
    rested: 0,
    collected: 0,
    trimmed: 0,
  };
  const look = createMemoryLook({
    isUncollected,
    residentBytes: () => state.resident,
    inputCount: () => state.inputs,
    rest: () => void state.rested++,
    trim: () => void state.trimmed++,
    collect: () => {
      state.collected++;
      state.resident = Math.min(state.resident, inUse());
    },
  });
  return {
    state,
    work() {
      state.inputs += WORK_INPUTS_MIN;
      return look();
    },
    rest() {
      state.inputs += WORK_INPUTS_MIN - 1;
      return look();
    },
  };
}

/** A node that is at work, and strangers who ask it. */
function tidiedWorld() {
  const state = { busyMs: 0, strangersMs: 0, tidied: [] as number[], expected: [] as string[] };
  const look = createTidyLook({
    busyMs: () => state.busyMs,
    strangersMs: () => state.strangersMs,
    tidy: (garbageBytes) => void state.tidied.push(garbageBytes),
    expect: (work) => void state.expected.push(work),
  });
  return { state, look };
}

Deno.test("createMemoryLook() collects once for each growth, also where nothing can be freed", () => {
  let inUse = Infinity;
  const { state, work } = world(() => inUse);
  for (let step = 0; step < 1_000; step++) {
    state.resident += GROWTH_BYTES_MAX / 10;
    work();
  }
  // A hundred times the growth, all of it in use: about a hundred collections and not a thousand.
  assert(state.collected >= 90 && state.collected <= 101, `${state.collected}`);

  inUse = state.resident;
  for (let step = 0; step < 1_000; step++) {
    state.resident += GROWTH_BYTES_MAX / 10;
    work();
  }
  assert(state.resident <= inUse + 1.2 * GROWTH_BYTES_MAX, "Garbage stays within one growth");
});

Deno.test("createMemoryLook() counts growth from the least that there was", () => {
  const { state, work } = world(() => Infinity);
  state.resident = 20e6;
  work();
  state.resident = 20e6 + GROWTH_BYTES_MAX;
  assert.equal(work(), true);
  assert.equal(state.collected, 1);
});

Deno.test("createMemoryLook() leaves a node that works alone below the high mark, however long", () => {
  const { state, work } = world(() => 100e6);
  state.resident += GROWTH_BYTES_MAX - 1;
  for (let step = 0; step < 1_000; step++) assert.equal(work(), false);
  state.resident++;
  assert.equal(work(), true, "Above it, it collects under load, too");
});

Deno.test("createTidyLook() has the engine tidy up early while strangers read much", () => {
  const { state, look } = tidiedWorld();
  const workHard = () => {
    state.busyMs += BUSY_MS_MIN;
    look();
    return state.tidied.at(-1);
  };
  assert.equal(workHard(), WORK_GARBAGE_BYTES);
  for (let step = 0; step < 10; step++) {
    state.strangersMs += STRANGERS_MS_MIN;
    assert.equal(workHard(), STRANGERS_GARBAGE_BYTES);
  }

  for (let step = 1; step < STRANGERS_LOOKS; step++) {
    assert.equal(workHard(), STRANGERS_GARBAGE_BYTES, "Their answers wait their turn");
  }
  assert.equal(workHard(), WORK_GARBAGE_BYTES);

  state.strangersMs += STRANGERS_MS_MIN - 1;
  assert.equal(workHard(), WORK_GARBAGE_BYTES, "A page that looks now and then is no reason");
});

Deno.test("createMemoryLook() trims once at rest, a look after the last collection", () => {
  const { state, work, rest } = world(() => 100e6);
  state.resident += GROWTH_BYTES_MAX;
  assert.equal(work(), true);
  for (let step = 0; step < REST_LOOKS; step++) rest();
  assert.equal(state.trimmed, 0, "Not at work, and not in a pause");
  state.resident += GROWTH_BYTES;
  assert.equal(rest(), true);
  assert.equal(state.trimmed, 0, "What was freed is not back yet");
  for (let step = 0; step < 10; step++) rest();
  assert.equal(state.trimmed, 1);
});

Deno.test("X03 createTidyLook() has the engine tidy up early whenever there is little to do", () => {
  const { state, look } = tidiedWorld();
  state.busyMs += BUSY_MS_MIN - 1;
  look();
  assert.deepEqual(state.tidied, [GARBAGE_BYTES]);
  state.busyMs += BUSY_MS_MIN;
  look();
  assert.deepEqual(state.tidied, [GARBAGE_BYTES, WORK_GARBAGE_BYTES]);
});

Deno.test("createMemoryLook() collects what is left at rest, once, and not in a pause", () => {
  const { state, work, rest } = world(() => 100e6);
  state.resident += GROWTH_BYTES;
  work();
  for (let step = 1; step < REST_LOOKS; step++) assert.equal(rest(), false);
  work();
  for (let step = 1; step < REST_LOOKS; step++) assert.equal(rest(), false);
  assert.equal(state.rested, 0);
  assert.equal(rest(), false);
  assert.equal(state.rested, 1, "First it lets go");
  assert.equal(rest(), true);
  assert.equal(state.resident, 100e6);
  for (let step = 0; step < 10; step++) assert.equal(rest(), false);
  assert.equal(state.rested, 1);

  state.resident += GROWTH_BYTES - 1;
  for (let step = 0; step < 10; step++) assert.equal(rest(), false, "Less than that stays");
});

Deno.test("createMemoryLook() collects what a start has left at the first rest, where that was not done before", () => {
  const fresh = world(() => 80e6, true);
  for (let step = 0; step < 10; step++) assert.equal(fresh.work(), false);
  for (let step = 0; step < REST_LOOKS; step++) assert.equal(fresh.rest(), false);
  assert.equal(fresh.rest(), true);
  assert.equal(fresh.state.resident, 80e6);
  for (let step = 0; step < 10; step++) assert.equal(fresh.rest(), false, "Once");

  const loaded = world(() => 80e6);
  for (let step = 0; step < 10; step++) assert.equal(loaded.rest(), false);
});

Deno.test("createTidyLook() expects much work at once, and little after a while without, or with strangers", () => {
  const { state, look } = tidiedWorld();
  const looks = (count: number, busyMs: number, strangersMs = 0) => {
    for (let step = 0; step < count; step++) {
      state.busyMs += busyMs;
      state.strangersMs += strangersMs;
      look();
    }
    return state.expected;
  };
  assert.deepEqual(looks(QUIET_LOOKS - 1, 0), []);
  assert.deepEqual(looks(100, 0), ["little"]);
  assert.deepEqual(looks(1, BUSY_MS_MIN), ["little", "much"]);
  assert.deepEqual(looks(QUIET_LOOKS - 1, BUSY_MS_MIN - 1), ["little", "much"]);
  assert.deepEqual(looks(1, BUSY_MS_MIN), ["little", "much"], "a pause between two loads is none");
  assert.deepEqual(looks(QUIET_LOOKS, BUSY_MS_MIN, STRANGERS_MS_MIN), ["little", "much", "little"]);
});
