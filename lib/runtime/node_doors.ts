/**
 * What stands between a node's servers and whoever answers behind them.
 *
 * ```
 * server → bounds by who asks (`request_limit.ts`) → who answers now
 * first look → doors for plain requests → a place within the same bounds → who answers now
 * ```
 *
 * Servers listen before there is a node and go on while it is made anew, so who answers is set from outside;
 * until then it is 503. A token that comes in clear from another machine is refused, unless the operator says
 * otherwise: what crosses a network in clear is everybody's, and nobody should get used to it.
 *
 * Called by `start_node.ts`.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { utf8Bytes } from "../bytes.ts";
import { openingsDoor, paymentsDoor, type PlainDoor } from "../http/plain_doors.ts";
import type { Asked } from "../http/plain_request.ts";
import type { ServingOptions } from "./connections.ts";
import { type CallerKind, limitRequests } from "./request_limit.ts";
import type { WiredNode } from "./run_node.ts";

/** Who answers requests. */
export type NodeAnswers = Pick<WiredNode, "handle" | "payPlainly" | "answerOpening">;

const NOBODY_YET: NodeAnswers = {
  handle: () => new Response(null, { status: 503 }),
  payPlainly: () => undefined,
  answerOpening: undefined,
};

export class NodeDoors {
  #answers = NOBODY_YET;
  #isOwner = (_asked: Asked): boolean => false;
  #isReserved = (_address: string): boolean => false;
  readonly #limited = limitRequests((...call) => this.#answers.handle(...call), {
    isOwner: (asked) => this.#isOwner(asked),
  });

  setAnswers(answers: NodeAnswers): void {
    this.#answers = answers;
  }

  /** From now on whoever shows this token is the owner. */
  setToken(token: string): void {
    this.#isOwner = ownerTest(token);
  }

  setReserve(isReserved: (address: string) => boolean): void {
    this.#isReserved = isReserved;
  }

  /** Milliseconds that answers to strangers have taken so far. */
  readonly strangersMs = (): number => this.#limited.strangersMs();

  /** For connections that nobody else reads. */
  serving(): ServingOptions {
    return {
      handle: this.#limited,
      doors: [this.#payments(), this.#openings()],
      isOwner: (asked) => this.#isOwner(asked),
      isReserved: (address) => this.#isReserved(address),
    };
  }

  /** For connections in clear: other machines' tokens are refused. */
  servingInClear(): ServingOptions {
    return {
      ...this.serving(),
      handle: refusePlainTokens(this.#limited),
      doors: [onlyFromHere(this.#payments()), this.#openings()],
    };
  }

  #payments(): PlainDoor {
    return paymentsDoor(
      (asked) => this.#isOwner(asked),
      (asked, text, address) =>
        this.#within("owner", address, () => this.#answers.payPlainly(asked, text)),
    );
  }

  #openings(): PlainDoor {
    return openingsDoor((opening, address) =>
      this.#within("peer", address, () => this.#answers.answerOpening?.(opening, address))
    );
  }

  /** Answers in a place of that kind; nothing where there is none, or nobody who answers. */
  #within<Answer>(
    kind: CallerKind,
    address: string,
    answer: () => Promise<Answer> | undefined,
  ): Promise<Answer> | undefined {
    const leave = this.#limited.enterAs(kind, address);
    if (leave === undefined) return undefined;
    const answered = answer();
    if (answered === undefined) leave();
    return answered?.finally(leave);
  }
}

/** Tells whether a request shows the token, in a time that says nothing about it. */
function ownerTest(token: string): (asked: Asked) => boolean {
  const wanted = utf8Bytes(`Bearer ${token}`);
  return ({ headers }) => {
    const given = headers.get("authorization");
    if (given === null || given.length !== wanted.length) return false;
    const bytes = utf8Bytes(given);
    return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  };
}

function refusePlainTokens(handle: ServingOptions["handle"]): ServingOptions["handle"] {
  const message = "Cannot take the token: it came in clear from another machine, wanted TLS " +
    "(--tls-cert, --tls-key) or --allow-plain-token at the node";
  return async (request, address, upgrade) => {
    const hasToken = /^bearer /i.test(request.headers.get("authorization") ?? "");
    if (!hasToken || isLoopback(address)) return await handle(request, address, upgrade);
    return Response.json(
      { error: { code: "token-in-clear", message, evidence: {} } },
      { status: 403, headers: { "connection": "close" } },
    );
  };
}

/** The same for plain requests: what comes from another machine is for {@link refusePlainTokens}. */
function onlyFromHere(door: PlainDoor): PlainDoor {
  return {
    ...door,
    answer: (request, address) => isLoopback(address) ? door.answer(request, address) : undefined,
  };
}

function isLoopback(address: string): boolean {
  return /^127\./.test(address) || address === "::1" || /^::ffff:127\./i.test(address);
}
