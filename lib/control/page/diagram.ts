/**
 * Draws the space-time diagram, and finds the message under a point.
 *
 * @module
 */
import type { MessageEvent } from "../../page/feed.ts";
import type { NetworkView } from "../../page/network_view.ts";
import { browser, document, type PageElement } from "../../page/browser.ts";
import { colourClass, momentText } from "../../page/format.ts";

export const ROW_HEIGHT = 44;
const TOP = 22;
/** How near the pointer has to be, in pixels. */
const REACH = 7;
const BLOCK_HEIGHTS_MAX = 2_000;

export interface Drawing {
  readonly view: NetworkView;
  readonly fromMs: number;
  readonly endMs: number;
  readonly messages: readonly MessageEvent[];
  readonly hasBlocks: boolean;
  readonly chosen: MessageEvent | undefined;
  readonly node: number | undefined;
}

/** The part of a canvas that is used. */
interface Pen {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  globalAlpha: number;
  font: string;
  textAlign: string;
  textBaseline: string;
  setTransform(a: number, b: number, c: number, d: number, e: number, f: number): void;
  clearRect(x: number, y: number, width: number, height: number): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  closePath(): void;
  fill(): void;
  stroke(): void;
  setLineDash(pattern: number[]): void;
  fillText(text: string, x: number, y: number): void;
}

type Canvas = PageElement & {
  width: number;
  height: number;
  getContext(kind: "2d"): Pen | null;
};

export function drawDiagram(element: PageElement, drawing: Drawing): void {
  const canvas = element as Canvas;
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = browser.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  const { view, fromMs, endMs } = drawing;
  const colours = coloursOf(canvas);
  const xOf = (ms: number) => width * (ms - fromMs) / (endMs - fromMs);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);

  drawTime(pen, drawing, { width, height, colours });
  pen.lineWidth = 1;
  view.nodes.forEach(({ run }, node) => {
    pen.strokeStyle = colours.line;
    pen.setLineDash(run === "up" ? [] : [2, 4]);
    line(pen, 0, yOf(node), width, yOf(node));
  });
  pen.setLineDash([]);

  drawMessages(pen, drawing.messages, { xOf, colours });
  if (drawing.hasBlocks) drawBlocks(pen, drawing, { xOf, colours });
  if (drawing.chosen !== undefined) drawChosen(pen, drawing.chosen, { xOf, colours });
}

/** The message whose arrow is nearest to a point, if one is near. */
export function messageAt(
  element: PageElement,
  { fromMs, endMs, messages }: Drawing,
  x: number,
  y: number,
): MessageEvent | undefined {
  const xOf = (ms: number) => element.clientWidth * (ms - fromMs) / (endMs - fromMs);
  let best: MessageEvent | undefined;
  let bestDistance = REACH;
  for (const message of messages) {
    const [x1, y1, x2, y2] = ends(message, xOf);
    const distance = distanceTo({ x, y }, { x1, y1, x2, y2 });
    if (distance < bestDistance) {
      best = message;
      bestDistance = distance;
    }
  }
  return best;
}

function drawTime(
  pen: Pen,
  { fromMs, endMs }: Drawing,
  { width, height, colours }: {
    readonly width: number;
    readonly height: number;
    readonly colours: Colours;
  },
): void {
  const span = endMs - fromMs;
  const step = [50, 100, 200, 500, 1_000, 2_000, 5_000]
    .find((each) => width * each / span >= 70) ?? 10_000;
  pen.font = "11px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "top";
  pen.lineWidth = 1;
  for (let ms = Math.ceil(fromMs / step) * step; ms <= endMs; ms += step) {
    const x = width * (ms - fromMs) / span;
    pen.strokeStyle = colours.grid;
    line(pen, x, 16, x, height);
    pen.fillStyle = colours.quiet;
    if (x > 18 && x < width - 18) pen.fillText(axisText(ms), x, 2);
  }
}

interface Look {
  readonly xOf: (ms: number) => number;
  readonly colours: Colours;
}

/** Many arrows: one path for all lines and one for all heads of a kind, which is ten times as fast. */
function drawMessages(pen: Pen, messages: readonly MessageEvent[], look: Look): void {
  const kinds = new Map<string, MessageEvent[]>();
  for (const message of messages) {
    const kind = message.isLost ? "lost" : message.class;
    const group = kinds.get(kind);
    if (group === undefined) kinds.set(kind, [message]);
    else group.push(message);
  }
  for (const [kind, group] of kinds) {
    pen.strokeStyle = pen.fillStyle = kind === "lost"
      ? look.colours.bad
      : look.colours.classes[kind] ?? look.colours.quiet;
    pen.globalAlpha = kind === "other" ? 0.4 : 0.8;
    pen.lineWidth = 1.2;
    pen.setLineDash(kind === "lost" ? [4, 3] : kind === "question" ? [6, 3] : []);
    pen.beginPath();
    for (const message of group) {
      const [x1, y1, x2, y2] = ends(message, look.xOf);
      pen.moveTo(x1, y1);
      pen.lineTo(x2, y2);
    }
    pen.stroke();
    pen.setLineDash([]);
    pen.beginPath();
    for (const message of group) traceHead(pen, message, look, 6);
    if (kind === "lost") pen.stroke();
    else pen.fill();
  }
  pen.globalAlpha = 1;
}

function drawChosen(pen: Pen, message: MessageEvent, look: Look): void {
  const [x1, y1, x2, y2] = ends(message, look.xOf);
  pen.strokeStyle = pen.fillStyle = message.isLost
    ? look.colours.bad
    : look.colours.classes[message.class] ?? look.colours.quiet;
  pen.lineWidth = 3;
  line(pen, x1, y1, x2, y2);
  pen.beginPath();
  traceHead(pen, message, look, 9);
  if (message.isLost) pen.stroke();
  else pen.fill();
}

/** An arrow's head; a cross where a message was lost. */
function traceHead(pen: Pen, message: MessageEvent, { xOf }: Look, size: number): void {
  const [x1, y1, x2, y2] = ends(message, xOf);
  if (message.isLost) {
    pen.moveTo(x2 - 4, y2 - 4);
    pen.lineTo(x2 + 4, y2 + 4);
    pen.moveTo(x2 - 4, y2 + 4);
    pen.lineTo(x2 + 4, y2 - 4);
    return;
  }
  const angle = Math.atan2(y2 - y1, x2 - x1);
  pen.moveTo(x2, y2);
  pen.lineTo(x2 - size * Math.cos(angle - 0.4), y2 - size * Math.sin(angle - 0.4));
  pen.lineTo(x2 - size * Math.cos(angle + 0.4), y2 - size * Math.sin(angle + 0.4));
  pen.lineTo(x2, y2);
}

/** Where an arrow begins and ends; one that was lost ends half way. */
function ends(
  message: MessageEvent,
  xOf: (ms: number) => number,
): [x1: number, y1: number, x2: number, y2: number] {
  const x1 = xOf(message.sentAt);
  const y1 = yOf(message.from);
  const y2 = yOf(message.to);
  return message.isLost ? [x1, y1, x1 + 26, y1 + (y2 - y1) * 0.55] : [x1, y1, xOf(message.at), y2];
}

/** A dot where a node has a block for the first time; its miner's has a ring. */
function drawBlocks(
  pen: Pen,
  { view, fromMs, endMs }: Drawing,
  { xOf, colours }: { readonly xOf: (ms: number) => number; readonly colours: Colours },
): void {
  const lowest = Math.max(view.lowestHeight, view.highestHeight - BLOCK_HEIGHTS_MAX);
  for (let height = view.highestHeight, quiet = 0; height >= lowest && quiet < 50; height--) {
    let isSeen = false;
    for (const id of view.levels[height] ?? []) {
      const block = view.blocks.get(id);
      if (block === undefined) continue;
      block.seen.forEach((at, node) => {
        if (at === undefined || at < fromMs || at > endMs) return;
        isSeen = true;
        const isOwn = block.miner === node;
        pen.fillStyle = colours.nodes[block.miner ?? -1] ?? colours.quiet;
        pen.beginPath();
        pen.arc(xOf(at), yOf(node), isOwn ? 6 : 4, 0, 2 * Math.PI);
        pen.fill();
        pen.strokeStyle = isOwn ? colours.text : colours.panel;
        pen.lineWidth = isOwn ? 2 : 1;
        pen.stroke();
      });
    }
    quiet = isSeen ? 0 : quiet + 1;
  }
}

function yOf(node: number): number {
  return TOP + ROW_HEIGHT * (node + 0.5);
}

function line(pen: Pen, x1: number, y1: number, x2: number, y2: number): void {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

function distanceTo(
  { x, y }: { readonly x: number; readonly y: number },
  { x1, y1, x2, y2 }: {
    readonly x1: number;
    readonly y1: number;
    readonly x2: number;
    readonly y2: number;
  },
): number {
  const length = (x2 - x1) ** 2 + (y2 - y1) ** 2;
  const along = length === 0
    ? 0
    : Math.max(0, Math.min(1, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length));
  return Math.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1));
}

interface Colours {
  readonly line: string;
  readonly grid: string;
  readonly quiet: string;
  readonly text: string;
  readonly panel: string;
  readonly bad: string;
  readonly classes: Readonly<Record<string, string>>;
  readonly nodes: readonly string[];
}

let known: { readonly scheme: boolean; readonly colours: Colours } | undefined;

/** The style's colours, read once a scheme. */
function coloursOf(element: PageElement): Colours {
  const scheme = browser.matchMedia("(prefers-color-scheme: dark)").matches;
  if (known?.scheme === scheme) return known.colours;
  const style = browser.getComputedStyle(element);
  const value = (name: string) => style.getPropertyValue(name).trim();
  const nodes = Array.from({ length: 400 }, (_, node) => nodeColour(node));
  const colours: Colours = {
    line: value("--quiet"),
    grid: value("--line"),
    quiet: value("--quiet"),
    text: value("--text"),
    panel: value("--panel"),
    bad: value("--bad"),
    classes: {
      announce: value("--class-announce"),
      question: value("--class-question"),
      answer: value("--class-answer"),
      transaction: value("--class-transaction"),
      other: value("--quiet"),
    },
    nodes,
  };
  known = { scheme, colours };
  return colours;
}

const nodeColours = new Map<string, string>();

/** The class that gives a node its colour. */
export function nodeColour(node: number | null): string {
  const name = colourClass(node);
  const before = nodeColours.get(name);
  if (before !== undefined) return before;
  const probe = document.createElement("i");
  probe.setAttribute("class", name);
  document.body.append(probe);
  const colour = browser.getComputedStyle(probe).getPropertyValue("--node").trim();
  probe.remove();
  nodeColours.set(name, colour);
  return colour;
}

/** A moment as the list tells it, with hundredths where ticks stand closer than tenths. */
function axisText(ms: number): string {
  const hundredth = Math.round(ms / 10) % 10;
  return hundredth === 0 ? momentText(ms + 1) : `${momentText(ms + 1)}${hundredth}`;
}
