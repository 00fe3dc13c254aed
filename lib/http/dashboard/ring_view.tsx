/**
 * The ring: every node on a circle, coloured by how well it is reached, with its height.
 *
 * @module
 */
import type { RingJson } from "../../wire/api_network.ts";
import { ageText, walletLabel } from "./format.ts";
import { text } from "./texts.ts";

type RingNode = RingJson["nodes"][number];

/** More nodes than this are told, not drawn. */
const NODES_DRAWN_MAX = 60;
const NODES_LISTED_MAX = 12;
const RADIUS = 80;

export function RingView({ ring, nowMs }: { readonly ring: RingJson; readonly nowMs: number }) {
  const drawn = ring.nodes.slice(0, NODES_DRAWN_MAX);
  const self = drawn.findIndex((node) => node.self);
  const connected = ring.nodes.filter(({ health }) => health === "connected").length;
  const reached = {
    n: connected + (self >= 0 ? 1 : 0),
    all: ring.nodesWanted ?? text("unknown"),
  };
  const dotRadius = Math.max(4, Math.min(13, 220 / Math.max(1, drawn.length)));
  return (
    <section class="panel">
      <h2>
        {text("ring")}{" "}
        <span class="note">{text(ring.complete ? "ring.reached" : "ring.joined", reached)}</span>
      </h2>
      <div class="ring">
        <svg viewBox="-100 -100 200 200" role="img" aria-label={text("ring.label")}>
          <circle class="orbit" r={String(RADIUS)} />
          {self >= 0 && drawn.map((node, index) => {
            if (node.self || node.health !== "connected") return null;
            const [x1, y1] = placeOf(self, drawn.length);
            const [x2, y2] = placeOf(index, drawn.length);
            return <line key={node.publicKey} class="link" x1={x1} y1={y1} x2={x2} y2={y2} />;
          })}
          {drawn.map((node, index) => {
            const [x, y] = placeOf(index, drawn.length);
            return (
              <g
                key={node.publicKey}
                class={`node ${node.health}`}
                transform={`translate(${x} ${y})`}
              >
                <title>{titleOf(node, nowMs)}</title>
                <circle r={String(dotRadius)} />
                {drawn.length <= 24 && (
                  <text dy="0.35em">{node.wallet.nodeId === null ? "o" : node.wallet.nodeId}</text>
                )}
              </g>
            );
          })}
        </svg>
        <ul>
          {drawn.slice(0, NODES_LISTED_MAX).map((node) => (
            <li key={node.publicKey} class={`node ${node.health}`}>
              <i class="dot" />
              <span>{walletLabel(node.wallet)}</span>
              <span class="quiet">{text(`health.${node.health}`)}</span>
              <span class="number quiet">
                {text("ring.height", { height: node.tipHeight ?? "–" })}
              </span>
            </li>
          ))}
          {ring.nodes.length > NODES_LISTED_MAX && (
            <li class="quiet">{text("more", { n: ring.nodes.length - NODES_LISTED_MAX })}</li>
          )}
        </ul>
      </div>
    </section>
  );
}

function placeOf(index: number, count: number): readonly [x: string, y: string] {
  const angle = 2 * Math.PI * index / Math.max(1, count) - Math.PI / 2;
  return [(RADIUS * Math.cos(angle)).toFixed(2), (RADIUS * Math.sin(angle)).toFixed(2)];
}

function titleOf(node: RingNode, nowMs: number): string {
  const values = {
    node: walletLabel(node.wallet),
    health: text(`health.${node.health}`),
    height: node.tipHeight ?? text("unknown"),
  };
  return node.heardAtMs === null
    ? text("ring.title", values)
    : text("ring.titleHeard", { ...values, age: ageText(nowMs - node.heardAtMs) });
}
