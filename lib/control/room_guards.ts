/**
 * What stands before the room's doors: how large a request may be, whose page it may come from, and the
 * token.
 *
 * @module
 */
import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { refuse } from "./room_refusal.ts";
import type { Sessions } from "./session.ts";

const BODY_SIZE_BYTES_MAX = 64 * 1024;

/** Refuses large bodies, and requests from other sites' pages, before anything else. */
export function addRequestGuards(app: Hono): void {
  app.use(
    "/room/*",
    bodyLimit({
      maxSize: BODY_SIZE_BYTES_MAX,
      onError: (c) =>
        refuse(c, 413, {
          code: "body-too-large",
          message: `Cannot read the request: got more than ${BODY_SIZE_BYTES_MAX} bytes`,
        }),
    }),
  );
  app.use("/room/*", async (c, next) => {
    const origin = c.req.header("origin");
    const site = c.req.header("sec-fetch-site");
    const host = c.req.header("host") ?? new URL(c.req.url).host;
    const isOther = (origin !== undefined && origin !== `http://${host}`) ||
      (site !== undefined && site !== "same-origin" && site !== "none");
    if (isOther) {
      return refuse(c, 403, {
        code: "origin-forbidden",
        message: "Cannot answer: another site asks, only this page may",
      });
    }
    await next();
  });
}

/** Guards every route but the one that gives out tokens. */
export function addTokenGuard(app: Hono, sessions: Sessions): void {
  app.use("/room/*", async (c, next) => {
    const given = /^Bearer ([\x21-\x7e]{1,200})$/.exec(c.req.header("authorization") ?? "")?.[1];
    if (given === undefined || !sessions.isValid(given)) {
      return refuse(c, 401, {
        code: "token-wrong",
        message: "Cannot answer: the token is missing or wrong",
      });
    }
    c.header("Cache-Control", "no-store");
    await next();
  });
}
