/**
 * A recording and its player as one page that needs nothing else: to be sent, or put on a web server.
 *
 * It stays small: when a recording would make it too large, messages are left out, chatter first, and the
 * page says so. Its policy runs only its own scripts, named by their hashes, and lets it load nothing.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { VERSION } from "../../build/build_info.ts";
import type { FeedEvent } from "../page/feed.ts";
import type { TextKey } from "../page/texts/english.ts";
import { roomTexts } from "../page/texts/texts.ts";
import { err, ok, type Result } from "../result.ts";
import { attributes, BODY, HEAD } from "./page_html.ts";
import { encodeRecording, type Recording } from "./recording.ts";

/** The most bytes that such a page has. */
export const SHARED_PAGE_SIZE_BYTES_MAX = 2_000_000;

/** What is left out, one after the other, until the page is small enough. */
const THINNINGS: readonly { readonly left?: TextKey; keeps(event: FeedEvent): boolean }[] = [
  { keeps: () => true },
  {
    left: "play.left.statuses",
    keeps: (event) => event.kind !== "message" || event.class !== "other",
  },
  {
    left: "play.left.messages",
    keeps: (event) => event.kind !== "message" || event.class === "announce",
  },
  { left: "play.left.allMessages", keeps: (event) => event.kind !== "message" },
  {
    left: "play.left.payments",
    keeps: (event) => !["message", "tx", "spread"].includes(event.kind),
  },
];

export async function sharedPage(
  recording: Recording,
  language?: string,
): Promise<Result<string, { readonly code: string; readonly message: string }>> {
  const { SCRIPT, STYLE } = await import("../../build/control_assets.ts");
  const script = SCRIPT.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
  const { text } = roomTexts([language]);
  for (const { left, keeps } of THINNINGS) {
    const events = recording.events.filter(keeps);
    const last = recording.events[recording.events.length - 1]?.at ?? 0;
    if (left !== undefined) {
      events.push({
        kind: "mark",
        at: last,
        mark: "bookmark",
        text: text("play.left", { what: text(left) }),
        nodes: [],
      });
    }
    const bytes = await encodeRecording({ head: recording.head, events }, VERSION);
    const page = pageOf({ script, style: STYLE, data: base64(bytes), language });
    if (new TextEncoder().encode(page).length <= SHARED_PAGE_SIZE_BYTES_MAX) return ok(page);
  }
  return err({
    code: "recording-too-large",
    message: `Cannot make one page: got a recording that is too long, wanted at most ${
      SHARED_PAGE_SIZE_BYTES_MAX / 1e6
    } MB`,
  });
}

function pageOf({ script, style, data, language }: {
  readonly script: string;
  readonly style: string;
  readonly data: string;
  readonly language: string | undefined;
}): string {
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${
    hashOf(style)
  }'; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en"${attributes("file", language)}>
<head>
<meta http-equiv="Content-Security-Policy" content="${policy}">
${HEAD}
<style>${style}</style>
</head>
<body>
${BODY}
<script type="text/plain" id="recording">${data}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let first = 0; first < bytes.length; first += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(first, first + 0x8000));
  }
  return btoa(binary);
}
