/**
 * The page's short texts: wallets, times, rates.
 *
 * @module
 */
import type { WalletJson } from "../../wire/api_basics.ts";
import { text } from "./texts.ts";

/** A wallet's node id where it has one, else the ends of its address. */
export function walletLabel({ address, nodeId }: WalletJson): string {
  return nodeId === null ? shortAddress(address) : `id${nodeId}`;
}

export function shortAddress(address: string): string {
  return `${address.slice(0, 8)}…${address.slice(-4)}`;
}

/** How long ago, in the largest unit that says something. */
export function ageText(ageMs: number): string {
  const seconds = Math.max(0, ageMs) / 1000;
  if (seconds < 60) return text("unit.seconds", { n: Math.floor(seconds) });
  if (seconds < 3600) return text("unit.minutes", { n: Math.floor(seconds / 60) });
  if (seconds < 86_400) return text("unit.hours", { n: Math.floor(seconds / 3600) });
  return text("unit.days", { n: Math.floor(seconds / 86_400) });
}

/** Seconds with as many digits as say something. */
export function secondsText(ms: number): string {
  const seconds = ms / 1000;
  return seconds >= 100
    ? seconds.toFixed(0)
    : seconds >= 10
    ? seconds.toFixed(1)
    : seconds.toFixed(2);
}

export function rateText(hashesPerSecond: number): string {
  if (hashesPerSecond >= 1e6) return `${(hashesPerSecond / 1e6).toFixed(1)} MH/s`;
  if (hashesPerSecond >= 1e3) return `${(hashesPerSecond / 1e3).toFixed(1)} kH/s`;
  return `${hashesPerSecond.toFixed(0)} H/s`;
}

/** One of eight colours, the same for a node everywhere; see `styles/frame.css`. */
export function colourClass({ nodeId }: WalletJson): string {
  return nodeId === null ? "colour-none" : `colour-${nodeId % 8}`;
}
