/**
 * The ring: every node on a circle, coloured by how well it is reached, with its height.
 *
 * @module
 */
import type { RingJson } from "../../wire/api_network.ts";
import { ageText, walletLabel } from "./format.ts";

type RingNode = RingJson["nodes"][number];

/** More nodes than this are told, not drawn. */
const NODES_DRAWN_MAX = 60;
const RADIUS = 80;

export function RingView({ ring, nowMs }: { readonly ring: RingJson; readonly nowMs: number }) {
  const drawn = ring.nodes.slice(0, NODES_DRAWN_MAX);
  const self = drawn.findIndex((node) => node.self);
  const connected = ring.nodes.filter(({ health }) => health === "connected").length;
  const dotRadius = Math.max(4, Math.min(13, 220 / Math.max(1, drawn.length)));
  return (
    <section class="panel">
      <h2>Ring</h2>
      <div class="ring">
        <svg viewBox="-100 -100 200 200" role="img" aria-label="The nodes of the network">
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
          <circle class="hub" r="44" />
          <text class="centre" dy="-0.1em">{connected + (self >= 0 ? 1 : 0)}</text>
          <text class="centre small" dy="1.4em">
            of {ring.nodesWanted ?? "?"} {ring.complete ? "reached" : "joined"}
          </text>
        </svg>
        <ul>
          {drawn.slice(0, 12).map((node) => (
            <li key={node.publicKey} class={`node ${node.health}`}>
              <i class="dot" />
              <span>{walletLabel(node.wallet)}</span>
              <span class="quiet">{node.health}</span>
              <span class="number">{node.tipHeight ?? "–"}</span>
            </li>
          ))}
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
  const heard = node.heardAtMs === null ? "" : `, heard ${ageText(nowMs - node.heardAtMs)} ago`;
  return `${walletLabel(node.wallet)}: ${node.health}, height ${
    node.tipHeight ?? "unknown"
  }${heard}`;
}
