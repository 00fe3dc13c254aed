/**
 * The player's controls: play, step, speed, a slider with the marked moments on it.
 *
 * @module
 */
import { browser, saveFile, valueOf } from "../../page/browser.ts";
import { momentText } from "../../page/format.ts";
import { useEffect } from "../../page/use_effect.ts";
import { text } from "./common.tsx";
import { recordedWords } from "./event_list.tsx";
import type { Player } from "./player.ts";
import { readBytes } from "./room_client.ts";

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 50] as const;
const TICKS_SHOWN_MAX = 200;
/** What has the focus here takes keys for itself. */
const TAGS_WITH_KEYS = ["INPUT", "SELECT", "TEXTAREA", "BUTTON", "SUMMARY"];

interface KeyPress {
  readonly key: string;
  readonly target: { readonly tagName?: string };
  preventDefault(): void;
}

export function PlayerBar({ player, canShare }: {
  readonly player: Player;
  readonly canShare: boolean;
}) {
  const { atMs, beginMs, endMs, isPlaying } = player;
  usePlayerKeys(player);

  async function share(): Promise<void> {
    const page = await readBytes("/room/recording/page");
    if (page.ok) saveFile("noobcash-recording.html", page.value);
  }

  return (
    <footer class="player no-print">
      <Violation player={player} />
      <div class="controls">
        <button
          type="button"
          class="primary"
          onClick={() => isPlaying ? player.pause() : player.play()}
        >
          {text(isPlaying ? "play.pause" : "play.play")}
        </button>
        <button type="button" onClick={() => player.stepBack()}>{text("play.back")}</button>
        <button type="button" onClick={() => player.step()}>{text("play.step")}</button>
        <SpeedChoice player={player} />
        <span class="moment" data-position={String(player.position)}>
          {text("play.position", {
            at: momentText(atMs - beginMs),
            total: momentText(endMs - beginMs),
          })}
        </span>
        <div class="end">
          <button
            type="button"
            onClick={() =>
              // Where the player is now: what is drawn may be a frame behind.
              player.bookmark(
                text("record.bookmark.text", { time: momentText(player.atMs - beginMs) }),
              )}
          >
            {text("record.bookmark")}
          </button>
          {canShare && (
            <button type="button" onClick={() => void share()}>{text("record.share")}</button>
          )}
        </div>
      </div>
      <Timeline player={player} />
    </footer>
  );
}

/** Space plays and pauses, a full stop and a comma go one step on and back. */
function usePlayerKeys(player: Player): void {
  useEffect(() => {
    const onKey = (event: KeyPress) => {
      if (TAGS_WITH_KEYS.includes(event.target.tagName ?? "")) return;
      if (event.key === " ") {
        event.preventDefault();
        if (player.isPlaying) player.pause();
        else player.play();
      }
      if (event.key === ".") player.step();
      if (event.key === ",") player.stepBack();
    };
    browser.addEventListener("keydown", onKey as never);
    return () => browser.removeEventListener("keydown", onKey as never);
  }, [player]);
}

/** Where the recording ends in a violation of a rule, and the way there. */
function Violation({ player }: { readonly player: Player }) {
  const violation = player.marks.find(({ kind }) => kind === "violation");
  if (violation === undefined) return null;
  const time = momentText(violation.at);
  return (
    <p class="violation">
      <button type="button" class="danger" onClick={() => player.seek(violation.at)}>{time}</button>
      <span>{text("play.violation", { time, text: violation.text })}</span>
    </p>
  );
}

function SpeedChoice({ player }: { readonly player: Player }) {
  return (
    <label class="inline">
      <span class="visually-hidden">{text("play.speed")}</span>
      <select
        aria-label={text("play.speed")}
        onChange={(event: Event) => player.setSpeed(Number(valueOf(event)))}
      >
        {SPEEDS.map((speed) => (
          <option key={String(speed)} value={String(speed)} selected={speed === player.speed}>
            {speed}×
          </option>
        ))}
      </select>
    </label>
  );
}

/** The slider, with the marked moments on it. */
function Timeline({ player }: { readonly player: Player }) {
  const { atMs, beginMs, endMs, marks } = player;
  const span = Math.max(1, endMs - beginMs);
  return (
    <div class="timeline">
      <input
        type="range"
        aria-label={text("play.time")}
        min="0"
        max={String(Math.ceil(span))}
        step="1"
        value={String(Math.round(atMs - beginMs))}
        onInput={(event: Event) => {
          player.pause();
          player.seek(beginMs + Number(valueOf(event)));
        }}
      />
      <div class="ticks" role="group" aria-label={text("play.marks")}>
        {marks.slice(0, TICKS_SHOWN_MAX).map((mark, index) => (
          <button
            key={String(index)}
            type="button"
            class={`tick ${mark.kind}`}
            {...recordedWords(mark)}
            style={`left:${(100 * Math.max(0, mark.at - beginMs) / span).toFixed(3)}%`}
            title={`${momentText(mark.at - beginMs)} ${mark.text}`}
            aria-label={`${momentText(mark.at - beginMs)} ${mark.text}`}
            onClick={() => {
              player.pause();
              player.seek(mark.at);
            }}
          />
        ))}
      </div>
    </div>
  );
}
