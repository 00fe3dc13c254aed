/** The bounds of the log of events: what is kept, and how much of it goes out at a time. */
import assert from "node:assert/strict";
import type { ApiEventType } from "../wire/api_events.ts";
import {
  BATCH_CHARACTERS_MAX,
  BATCH_EVENTS_MAX,
  EventLog,
  LOG_CHARACTERS_MAX,
  LOG_EVENTS_MAX,
} from "./event_log.ts";

const TYPES: ReadonlySet<ApiEventType> = new Set(["block"]);

Deno.test(`W04 the log keeps ${LOG_EVENTS_MAX} events`, () => {
  const log = new EventLog();
  const cursor = log.end();
  for (let count = 0; count < LOG_EVENTS_MAX + 3; count++) log.push("block", String(count));
  const { missed, events } = log.read(cursor, TYPES);
  assert.equal(missed, 3);
  assert.equal(events[0]?.data, "3");
});

Deno.test("W04 the log keeps so many characters, however few events they are", () => {
  const log = new EventLog();
  const cursor = log.end();
  const data = "x".repeat(LOG_CHARACTERS_MAX / 4);
  for (let count = 0; count < 6; count++) log.push("block", data);
  assert.equal(log.read(cursor, TYPES).missed, 2);
});

Deno.test(`W04 ${BATCH_EVENTS_MAX} events, or what has enough characters, go out at a time`, () => {
  const log = new EventLog();
  const cursor = log.end();
  for (let count = 0; count < BATCH_EVENTS_MAX + 1; count++) log.push("block", "x");
  assert.equal(log.read(cursor, TYPES).events.length, BATCH_EVENTS_MAX);
  assert.equal(log.read(cursor, TYPES).events.length, 1);

  for (let count = 0; count < 6; count++) log.push("block", "x".repeat(BATCH_CHARACTERS_MAX / 2));
  assert.equal(log.read(cursor, TYPES).events.length, 3);
});
