/**
 * Recording from the page: begin, stop, save as a file or as one page, and mark a moment.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import { saveFile } from "../../page/browser.ts";
import { momentText } from "../../page/format.ts";
import { refusalText } from "../../page/texts/refusal_texts.ts";
import { language, text } from "./common.tsx";
import { call, readBytes, type RecorderStatus } from "./room_client.ts";

export function RecordMenu({ recorder, nowMs }: {
  readonly recorder: RecorderStatus;
  readonly nowMs: number;
}) {
  const [problem, setProblem] = useState<string | undefined>(undefined);

  async function save(path: string, name: string): Promise<void> {
    const bytes = await readBytes(path);
    setProblem(bytes.ok ? undefined : refusalText(language, bytes));
    if (bytes.ok) saveFile(name, bytes.value);
  }

  const { isRunning, isFull, events } = recorder;
  return (
    <span class="record">
      {problem !== undefined && <span class="small bad" role="alert">{problem}</span>}
      {(isRunning || isFull) && (
        <span class={`small ${isFull ? "bad" : "quiet"}`}>
          {isFull ? text("record.full") : text("record.running", { n: events })}
        </span>
      )}
      <button
        type="button"
        class={isRunning ? "on" : ""}
        onClick={() => void call(`/room/recording/${isRunning ? "stop" : "start"}`, {})}
      >
        <i class="record-dot" aria-hidden="true" />
        {text(isRunning ? "record.stop" : "record.start")}
      </button>
      {isRunning && (
        <button
          type="button"
          onClick={() =>
            void call("/room/bookmarks", {
              text: text("record.bookmark.text", { time: momentText(nowMs) }),
            })}
        >
          {text("record.bookmark")}
        </button>
      )}
      {events > 0 && (
        <>
          <button type="button" onClick={() => void save("/room/recording", "noobcash.recording")}>
            {text("record.save")}
          </button>
          <button
            type="button"
            onClick={() => void save("/room/recording/page", "noobcash-recording.html")}
          >
            {text("record.share")}
          </button>
        </>
      )}
    </span>
  );
}
