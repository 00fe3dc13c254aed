/**
 * Inputs and effects in a few words: the lines of a trace. Everything that decides what happens next has
 * to show in them, so that two runs with the same lines are the same run.
 *
 * @module
 */
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import type { Message } from "../wire/message.ts";
import { messageDetail } from "../wire/message_detail.ts";

export function describeInput(input: NodeInput): string {
  switch (input.type) {
    case "message":
      return `< ${short(input.from)} ${describeMessage(input.message)}`;
    case "peer-connected":
      return `peer-connected ${short(input.publicKey)}`;
    case "peer-failed":
      return `peer-failed ${input.url} ${input.code}`;
    case "peer-misbehaved":
      return `peer-misbehaved ${short(input.from)} ${input.code}`;
    case "clock":
      return `clock ${input.wallOffsetMs}`;
    case "pay":
      return `pay #${input.requestId} ${input.amount} to ${short(input.receiver)}`;
    case "submit":
      return `submit #${input.requestId} ${short(input.transaction.txid)}`;
    case "submit-block":
      return `submit-block #${input.requestId} ${short(input.block.hash)}`;
    case "control":
      return `control #${input.requestId} ${input.command.kind}`;
    case "mined":
      return `mined job ${input.jobId} nonce ${input.nonce} at ${input.timestampMs}`;
    default:
      return input.type;
  }
}

export function describeEffect(effect: NodeEffect): string {
  switch (effect.type) {
    case "send":
      return `> ${effect.url} ${describeMessage(effect.message)}`;
    case "reply": {
      const { reply } = effect;
      if (!reply.ok) return `reply #${effect.requestId} ${reply.error.code}`;
      return `reply #${effect.requestId} ok ${short(reply.transaction?.txid ?? "")}`;
    }
    case "mine": {
      const { header, transactions } = effect.template;
      return `mine job ${effect.jobId} on ${short(header.previousHash)} ${transactions.length} tx`;
    }
    case "event": {
      const { event } = effect;
      switch (event.type) {
        case "phase":
          return `! phase ${event.phase}`;
        case "block":
        case "side-block":
          return `! ${event.type} ${event.height} ${short(event.hash)}`;
        case "reorg":
          return `! reorg -${event.disconnected.length} +${event.connected.length}`;
        case "transaction":
          return `! transaction ${short(event.transaction.txid)}`;
        case "transaction-removed":
          return `! transaction-removed ${short(event.txid)} ${event.reason.code}`;
        case "peer":
          return `! peer ${short(event.publicKey)} ${event.change} ${event.detail ?? ""}`;
      }
      return "!";
    }
    case "log":
      return `log ${effect.level} ${effect.text}`;
    case "give-up":
      return `give-up ${effect.code} ${effect.text}`;
    default:
      return effect.type;
  }
}

function describeMessage(message: Message): string {
  const text = messageDetail(message);
  return text === "" ? message.type : `${message.type} ${text}`;
}

function short(text: string): string {
  return text.slice(0, 8);
}
