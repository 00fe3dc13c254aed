import assert from "node:assert/strict";
import { Outbox, type OutgoingMessage } from "./outbox.ts";

function message(
  number: number,
  sizeBytes = 8,
  readyAtMs = 0,
  type: OutgoingMessage["type"] = "get-pool",
): OutgoingMessage {
  const bytes = new Uint8Array(sizeBytes);
  new DataView(bytes.buffer).setUint32(0, number);
  return { type, bytes, readyAtMs };
}

function numbersOf(messages: readonly OutgoingMessage[]): number[] {
  return messages.map(({ bytes }) => new DataView(bytes.buffer).getUint32(0));
}

Deno.test("Outbox gives back in order, across many batches", () => {
  const outbox = new Outbox();
  const taken: number[] = [];
  for (let number = 0; number < 5000; number++) {
    outbox.push(message(number));
    if (number % 700 === 0) taken.push(...numbersOf(outbox.takeBatch(0)));
  }
  while (outbox.count > 0) taken.push(...numbersOf(outbox.takeBatch(0)));
  assert.deepEqual(taken, Array.from({ length: 5000 }, (_, number) => number));
  assert.equal(outbox.sizeBytes, 0);
});

Deno.test("Outbox drops the oldest above 8,192 messages and above 32 MiB", () => {
  const many = new Outbox();
  let dropped = 0;
  for (let number = 0; number < 8192 + 10; number++) dropped += many.push(message(number));
  assert.equal(dropped, 10);
  assert.equal(many.count, 8192);
  assert.equal(numbersOf(many.takeBatch(0))[0], 10);

  const large = new Outbox();
  for (let number = 0; number < 5; number++) large.push(message(number, 8 * 1024 * 1024));
  assert.equal(large.count, 4);
  assert.equal(large.sizeBytes, 32 * 1024 * 1024);
  assert.deepEqual(numbersOf(large.takeBatch(0)), [1]);
});

Deno.test("Outbox closes a batch at 256 KiB or 1,024 messages; a larger message goes alone", () => {
  const small = new Outbox();
  for (let number = 0; number < 2000; number++) small.push(message(number));
  assert.equal(small.takeBatch(0).length, 1024);

  const middle = new Outbox();
  for (let number = 0; number < 5; number++) middle.push(message(number, 100 * 1024));
  assert.equal(middle.takeBatch(0).length, 2);

  const large = new Outbox();
  large.push(message(0, 1024 * 1024));
  large.push(message(1));
  assert.deepEqual(numbersOf(large.takeBatch(0)), [0]);
});

Deno.test("Outbox keeps what may not go yet, and everything behind it", () => {
  const outbox = new Outbox();
  outbox.push(message(0, 8, 10));
  outbox.push(message(1, 8, 20));
  outbox.push(message(2, 8, 15));
  assert.deepEqual(numbersOf(outbox.takeBatch(9)), []);
  assert.equal(outbox.readyAtMs, 10);
  assert.deepEqual(numbersOf(outbox.takeBatch(16)), [0]);
  assert.deepEqual(numbersOf(outbox.takeBatch(20)), [1, 2]);
  outbox.push(message(3));
  assert.equal(outbox.clear(), 1);
  assert.equal(outbox.readyAtMs, undefined);
});

Deno.test("Outbox is urgent as long as anything but transactions waits, whichever way it goes", () => {
  const outbox = new Outbox();
  outbox.push(message(0, 8, 0, "transactions"));
  assert.equal(outbox.isUrgent, false);
  outbox.push(message(1, 8, 0, "compact-block"));
  outbox.push(message(2, 8, 0, "transactions"));
  assert.equal(outbox.isUrgent, true);
  assert.deepEqual(numbersOf(outbox.takeBatch(0)), [0, 1, 2]);
  assert.equal(outbox.isUrgent, false);

  outbox.push(message(3, 8, 0, "status"));
  outbox.clear();
  assert.equal(outbox.isUrgent, false);

  outbox.push(message(4));
  for (let number = 0; number < 8192; number++) outbox.push(message(number, 8, 0, "transactions"));
  assert.equal(outbox.isUrgent, false, "The urgent one was pushed out");
});

Deno.test("Outbox gives a block out before what waits in front of it, when it may go", () => {
  const outbox = new Outbox();
  outbox.push(message(0, 8, 0, "transactions"));
  assert.equal(outbox.takeBlock(0), undefined);
  outbox.push(message(1, 8, 5, "compact-block"));
  outbox.push(message(2, 8, 5, "compact-block"));
  assert.equal(outbox.takeBlock(4), undefined);
  const block = outbox.takeBlock(5);
  assert(block !== undefined);
  assert.deepEqual(numbersOf([block]), [1]);
  assert.equal(outbox.count, 2);
  assert.equal(outbox.sizeBytes, 16);
  assert.equal(outbox.isUrgent, true);
  assert.deepEqual(numbersOf(outbox.takeBatch(5)), [0, 2]);
  assert.equal(outbox.isUrgent, false);
  assert.equal(outbox.takeBlock(5), undefined);
});
