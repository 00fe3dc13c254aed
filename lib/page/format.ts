/**
 * Short texts that are the same in every language: hashes, rates, durations as figures.
 *
 * @module
 */
import type { Texts } from "./texts/texts.ts";

/** The ends of an address. */
export function shortAddress(address: string): string {
  return address.length <= 16 ? address : `${address.slice(0, 8)}…${address.slice(-4)}`;
}

/** How long ago, in the largest unit that says something. */
export function ageText(ageMs: number, text: Texts): string {
  const seconds = Math.max(0, ageMs) / 1000;
  if (seconds < 60) return text("unit.seconds", { n: Math.floor(seconds) });
  if (seconds < 3600) return text("unit.minutes", { n: Math.floor(seconds / 60) });
  if (seconds < 86_400) return text("unit.hours", { n: Math.floor(seconds / 3600) });
  return text("unit.days", { n: Math.floor(seconds / 86_400) });
}

export function rateText(hashesPerSecond: number): string {
  if (hashesPerSecond >= 1e6) return `${(hashesPerSecond / 1e6).toFixed(1)} MH/s`;
  if (hashesPerSecond >= 1e3) return `${(hashesPerSecond / 1e3).toFixed(1)} kH/s`;
  return `${hashesPerSecond.toFixed(0)} H/s`;
}

/** Minutes, seconds and tenths of a moment. */
export function momentText(ms: number): string {
  const tenths = Math.max(0, Math.floor(ms / 100));
  const minutes = Math.floor(tenths / 600);
  const seconds = Math.floor(tenths / 10) % 60;
  return `${minutes}:${String(seconds).padStart(2, "0")}.${tenths % 10}`;
}

export function shareText(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

/** A signed duration, as it would be typed. */
export function skewText(ms: number): string {
  const sign = ms < 0 ? "−" : "+";
  const size = Math.abs(ms);
  return size >= 1000 ? `${sign}${Number((size / 1000).toFixed(1))} s` : `${sign}${size} ms`;
}

/** How many colours there are for nodes; they repeat after that, and the number tells them apart. */
const COLOUR_COUNT = 10;

/** One class a node, the same everywhere; see `style.css`. */
export function colourClass(node: number | null): string {
  return node === null ? "colour-none" : `colour-${node % COLOUR_COUNT}`;
}
