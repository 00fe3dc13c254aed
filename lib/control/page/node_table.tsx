/**
 * The nodes, one a row: how each is, and the orders that it can be given.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import type { NetworkView, ViewNode } from "../../page/network_view.ts";
import { rateText, skewText } from "../../page/format.ts";
import { valueOf } from "../../page/browser.ts";
import { Scroll } from "../../page/scroll_table.tsx";
import { NodeName, text } from "./common.tsx";
import { giveOrder, OrderNote, type OrderOutcome } from "./order_note.tsx";

export function NodeTable({ view, hasOrders, canOrder }: {
  readonly view: NetworkView;
  /** Nodes of a recording take none. */
  readonly hasOrders: boolean;
  /** Not while the room does not answer. */
  readonly canOrder: boolean;
}) {
  const [open, setOpen] = useState<number | undefined>(undefined);
  const [outcome, setOutcome] = useState<OrderOutcome | undefined>(undefined);
  const order = (name: string, node: number) =>
    giveOrder({ kind: "node", order: name, nodes: [node] }, setOutcome);
  return (
    <section class="panel nodes" aria-labelledby="nodes-title">
      <header>
        <h2 id="nodes-title">{text("nodes.title")}</h2>
        <OrderNote outcome={outcome} />
      </header>
      <Scroll label="nodes-title">
        <table>
          <thead>
            <tr>
              <th scope="col">{text("nodes.node")}</th>
              <th scope="col">{text("nodes.state")}</th>
              <th scope="col" class="number">{text("nodes.height")}</th>
              <th scope="col" class="number">{text("nodes.pool")}</th>
              <th scope="col" class="number">{text("nodes.rate")}</th>
              <th scope="col" class="number">{text("nodes.reorgs")}</th>
              <th scope="col" class="number">{text("nodes.clock")}</th>
              {hasOrders && <th scope="col" class="column-orders">{text("nodes.actions")}</th>}
            </tr>
          </thead>
          <tbody>
            {view.nodes.map((node, id) => (
              <NodeRow
                key={String(id)}
                node={node}
                id={id}
                height={view.blocks.get(node.tip ?? "")?.height}
                hasOrders={hasOrders}
                canOrder={canOrder}
                isOpen={open === id}
                onOpen={() => setOpen(open === id ? undefined : id)}
                onOrder={order}
                onOutcome={setOutcome}
              />
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

/** What the rows of the table have in common: who is told of orders, and whether any can be given. */
interface OrdersProps {
  readonly canOrder: boolean;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
  readonly onOrder: (name: string, node: number) => void;
  readonly onOutcome: (outcome: OrderOutcome) => void;
}

function NodeRow({ node, id, height, hasOrders, ...orders }: OrdersProps & {
  readonly node: ViewNode;
  readonly id: number;
  readonly height: number | undefined;
  readonly hasOrders: boolean;
}) {
  const { run, faults, gauge, clock } = node;
  const isUp = run === "up";
  return (
    <tr class={`run-${run}`}>
      <th scope="row">
        <NodeName node={id} />
      </th>
      <td>
        <span class="chips">
          <span class={`chip ${isUp ? "good" : run === "starting" ? "" : "bad"}`}>
            {text(`run.${run}`)}
          </span>
          {faults.isMiningPaused && <span class="chip warn">{text("fault.paused")}</span>}
          {faults.isWithholding && <span class="chip warn">{text("fault.withhold")}</span>}
          {faults.hashRateLimit !== null && (
            <span class="chip warn">
              {text("fault.limit", { rate: rateText(faults.hashRateLimit) })}
            </span>
          )}
          {faults.clockSkewMs !== 0 && (
            <span class="chip warn">
              {text("fault.skew", { skew: skewText(faults.clockSkewMs) })}
            </span>
          )}
        </span>
      </td>
      <td class="number">{height ?? "–"}</td>
      <td class="number">{gauge?.pool ?? "–"}</td>
      <td class="number">{gauge === undefined ? "–" : rateText(gauge.hashRate)}</td>
      <td class="number">{node.reorgs}</td>
      <td class="number">
        {clock === undefined
          ? "–"
          : <span title={`± ${clock[1]} ms`}>{skewText(Math.round(clock[0]))}</span>}
      </td>
      {hasOrders && (
        <td class="column-orders">
          <NodeOrders id={id} run={run} {...orders} />
          {orders.isOpen && isUp && <MoreOrders id={id} node={node} {...orders} />}
        </td>
      )}
    </tr>
  );
}

/** Kill or restart, freeze or go on, and a button for the rest. */
function NodeOrders({ id, run, canOrder, isOpen, onOpen, onOrder }: OrdersProps & {
  readonly id: number;
  readonly run: ViewNode["run"];
}) {
  return (
    <div class="orders">
      {run === "down"
        ? (
          <button type="button" disabled={!canOrder} onClick={() => onOrder("restart", id)}>
            {text("order.restart")}
          </button>
        )
        : (
          <button
            type="button"
            class="danger"
            title={text("order.kill.title")}
            disabled={!canOrder || run === "starting"}
            onClick={() => onOrder("kill", id)}
          >
            {text("order.kill")}
          </button>
        )}
      {run === "stopped"
        ? (
          <button type="button" disabled={!canOrder} onClick={() => onOrder("continue", id)}>
            {text("order.thaw")}
          </button>
        )
        : (
          <button
            type="button"
            title={text("order.freeze.title")}
            disabled={!canOrder || run !== "up"}
            onClick={() => onOrder("freeze", id)}
          >
            {text("order.freeze")}
          </button>
        )}
      <button
        type="button"
        aria-expanded={String(isOpen)}
        disabled={run !== "up"}
        onClick={onOpen}
      >
        {text("order.more")}
      </button>
    </div>
  );
}

function MoreOrders({ id, node, canOrder, onOrder, onOutcome }: OrdersProps & {
  readonly id: number;
  readonly node: ViewNode;
}) {
  const [limit, setLimit] = useState("");
  const [skew, setSkew] = useState("");
  const { faults } = node;
  return (
    <div class="more">
      <div class="orders">
        <button
          type="button"
          aria-pressed={String(faults.isMiningPaused)}
          disabled={!canOrder}
          onClick={() => onOrder(faults.isMiningPaused ? "resume" : "pause", id)}
        >
          {text(faults.isMiningPaused ? "order.resume" : "order.pause")}
        </button>
        <button type="button" disabled={!canOrder} onClick={() => onOrder("mine", id)}>
          {text("order.mine")}
        </button>
        <button
          type="button"
          title={text("order.withhold.title")}
          aria-pressed={String(faults.isWithholding)}
          disabled={!canOrder}
          onClick={() => onOrder(faults.isWithholding ? "release" : "withhold", id)}
        >
          {text(faults.isWithholding ? "order.release" : "order.withhold")}
        </button>
      </div>
      <form
        class="orders"
        onSubmit={(event: { preventDefault(): void }) => {
          event.preventDefault();
          const hashRate = limit.trim() === "" ? null : parseRate(limit);
          if (hashRate === undefined) return onOutcome(malformed(limit));
          void giveOrder({ kind: "limit", nodes: [id], hashRate }, onOutcome);
        }}
      >
        <label class="field">
          {text("order.limit")}
          <input
            value={limit}
            placeholder={text("order.limit.hint")}
            onInput={(event: Event) => setLimit(valueOf(event))}
          />
        </label>
        <button type="submit" disabled={!canOrder}>{text("order.set")}</button>
      </form>
      <form
        class="orders"
        onSubmit={(event: { preventDefault(): void }) => {
          event.preventDefault();
          const skewMs = parseSkew(skew);
          if (skewMs === undefined) return onOutcome(malformed(skew));
          void giveOrder({ kind: "skew", nodes: [id], skewMs }, onOutcome);
        }}
      >
        <label class="field">
          {text("order.skew")}
          <input
            value={skew}
            placeholder={text("order.skew.hint")}
            onInput={(event: Event) => setSkew(valueOf(event))}
          />
        </label>
        <button type="submit" disabled={!canOrder}>{text("order.set")}</button>
      </form>
    </div>
  );
}

function malformed(got: string): OrderOutcome {
  return { isDone: false, text: text("order.malformed", { got }) };
}

/** `50kH/s`, `2M`, `1000` */
function parseRate(typed: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kMG]?)(?:H\/s)?\s*$/.exec(typed);
  if (match === null) return undefined;
  const rate = Number(match[1]) * ({ k: 1e3, M: 1e6, G: 1e9 }[match[2] ?? ""] ?? 1);
  return rate > 0 ? rate : undefined;
}

/** `30s`, `-2m`, `500ms`, `0` */
function parseSkew(typed: string): number | undefined {
  const match = /^\s*([+-]?\d+(?:\.\d+)?)\s*(ms|s|m|h|)\s*$/.exec(typed.replace("−", "-"));
  if (match === null) return undefined;
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match[2] ?? ""] ?? 1_000;
  return Math.round(Number(match[1]) * unit);
}
