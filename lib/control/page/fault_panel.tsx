/**
 * The fault console for links: the network cut into groups, by dragging or by list, and single links made
 * slow or lossy.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import type { NetworkView } from "../../page/network_view.ts";
import { colourClass, shareText } from "../../page/format.ts";
import { valueOf } from "../../page/browser.ts";
import { useEffect } from "../../page/use_effect.ts";
import { text } from "./common.tsx";
import { giveOrder, OrderNote, type OrderOutcome } from "./order_note.tsx";

type SubmitEvent = { preventDefault(): void };
type DragEvent = SubmitEvent & {
  readonly dataTransfer: {
    setData(type: string, data: string): void;
    getData(type: string): string;
  };
};

const LINKS_SHOWN_MAX = 12;

export function FaultPanel({ view, canOrder }: {
  readonly view: NetworkView;
  readonly canOrder: boolean;
}) {
  const [outcome, setOutcome] = useState<OrderOutcome | undefined>(undefined);
  return (
    <section class="panel faults" aria-labelledby="faults-title">
      <header>
        <h2 id="faults-title">{text("faults.title")}</h2>
        <OrderNote outcome={outcome} />
        <div class="end">
          <button
            type="button"
            disabled={!canOrder}
            onClick={() => void giveOrder({ kind: "heal" }, setOutcome)}
          >
            {text("faults.heal")}
          </button>
        </div>
      </header>
      <Partition view={view} canOrder={canOrder} onOutcome={setOutcome} />
      <LinkForm view={view} canOrder={canOrder} onOutcome={setOutcome} />
      <ActiveFaults view={view} />
    </section>
  );
}

function Partition({ view, canOrder, onOutcome }: {
  readonly view: NetworkView;
  readonly canOrder: boolean;
  readonly onOutcome: (outcome: OrderOutcome) => void;
}) {
  const all = view.nodes.map((_, node) => node);
  const [groups, setGroups] = useState<readonly (readonly number[])[]>(() => halves(all));
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const list = typed ?? groups.map((group) => group.join(",")).join(" / ");

  // After a reconnection the network may have another number of nodes.
  useEffect(() => setGroups(halves(all)), [all.length]);

  function move(node: number, to: number): void {
    // Anything may be dropped here, also what is no node.
    if (!all.includes(node)) return;
    const without = groups.map((group) => group.filter((each) => each !== node));
    const next = to >= without.length
      ? [...without, [node]]
      : without.map((group, index) =>
        index === to ? [...group, node].sort((a, b) => a - b) : group
      );
    const full = next.filter((group) => group.length > 0);
    // There is always a second group to drag into.
    setGroups(full.length < 2 ? [...full, []] : full);
    setTyped(undefined);
  }

  function cut(event: SubmitEvent): void {
    event.preventDefault();
    const wanted = typed === undefined ? groups : parseGroups(typed, view.nodes.length);
    if (wanted === undefined) {
      return onOutcome({
        isDone: false,
        text: text("order.malformed", { got: typed ?? "" }),
      });
    }
    setGroups(wanted);
    setTyped(undefined);
    void giveOrder(
      { kind: "partition", groups: wanted.filter((group) => group.length > 0) },
      onOutcome,
    );
  }

  return (
    <form class="partition" onSubmit={cut}>
      <h3>{text("faults.partition")}</h3>
      <div class="groups">
        {[...groups, []].map((members, index) => (
          <Group
            key={String(index)}
            members={members}
            index={index}
            isNew={index === groups.length}
            onMove={move}
          />
        ))}
      </div>
      <div class="orders">
        <label class="field grow">
          {text("faults.groups")}
          <input
            name="groups"
            value={list}
            onInput={(event: Event) => setTyped(valueOf(event))}
          />
        </label>
        <button type="submit" class="danger" disabled={!canOrder}>{text("faults.cut")}</button>
      </div>
      <p class="hint">{text("faults.partition.hint")}</p>
    </form>
  );
}

/** One side of a cut; a node is dragged here, or sent on to the next by a click. */
function Group({ members, index, isNew, onMove }: {
  readonly members: readonly number[];
  readonly index: number;
  /** The empty one at the end. */
  readonly isNew: boolean;
  readonly onMove: (node: number, to: number) => void;
}) {
  const name = isNew ? text("faults.group.new") : text("faults.group", { n: index + 1 });
  const next = isNew ? 0 : index + 1;
  return (
    <div
      class={`group${isNew ? " new" : ""}`}
      role="group"
      aria-label={name}
      onDragOver={(event: SubmitEvent) => event.preventDefault()}
      onDrop={(event: DragEvent) => {
        event.preventDefault();
        onMove(Number(event.dataTransfer.getData("text/plain")), index);
      }}
    >
      <span class="small quiet">{name}</span>
      <span class="members">
        {members.map((node) => (
          <button
            key={String(node)}
            type="button"
            class={`member ${colourClass(node)}`}
            draggable="true"
            title={text("faults.move", { n: next + 1 })}
            onDragStart={(event: DragEvent) =>
              event.dataTransfer.setData("text/plain", String(node))}
            onClick={() => onMove(node, next)}
          >
            <i class="dot" aria-hidden="true" />
            {node}
          </button>
        ))}
      </span>
    </div>
  );
}

function LinkForm({ view, canOrder, onOutcome }: {
  readonly view: NetworkView;
  readonly canOrder: boolean;
  readonly onOutcome: (outcome: OrderOutcome) => void;
}) {
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [latency, setLatency] = useState("");
  const [loss, setLoss] = useState("");
  const [isBoth, setBoth] = useState(true);

  function apply(event: SubmitEvent): void {
    event.preventDefault();
    const latencyMs = Number(latency || 0);
    const share = Number(loss || 0) / 100;
    if (!(latencyMs >= 0) || !(share >= 0 && share <= 1)) {
      return onOutcome({
        isDone: false,
        text: text("order.malformed", { got: `${latency} ${loss}` }),
      });
    }
    void giveOrder({
      kind: "link",
      from: from === "" ? null : Number(from),
      to: to === "" ? null : Number(to),
      isBoth,
      isCut: false,
      latencyMs,
      loss: share,
    }, onOutcome);
  }

  const options = view.nodes.map((_, node) => (
    <option key={String(node)} value={String(node)}>{node}</option>
  ));
  return (
    <form class="link-form" onSubmit={apply}>
      <h3>{text("faults.link")}</h3>
      <div class="orders">
        <label class="field">
          {text("faults.from")}
          <select name="from" onChange={(event: Event) => setFrom(valueOf(event))}>
            <option value="">{text("faults.everyone")}</option>
            {options}
          </select>
        </label>
        <label class="field">
          {text("faults.to")}
          <select name="to" onChange={(event: Event) => setTo(valueOf(event))}>
            <option value="">{text("faults.everyone")}</option>
            {options}
          </select>
        </label>
        <label class="field narrow">
          {text("faults.latency")}
          <input
            name="latency"
            inputmode="numeric"
            placeholder="0 ms"
            value={latency}
            onInput={(event: Event) => setLatency(valueOf(event))}
          />
        </label>
        <label class="field narrow">
          {text("faults.loss")}
          <input
            name="loss"
            inputmode="numeric"
            placeholder="0 %"
            value={loss}
            onInput={(event: Event) => setLoss(valueOf(event))}
          />
        </label>
        <button type="button" aria-pressed={String(isBoth)} onClick={() => setBoth(!isBoth)}>
          {text("faults.both")}
        </button>
        <button type="submit" disabled={!canOrder}>{text("faults.apply")}</button>
      </div>
    </form>
  );
}

function ActiveFaults({ view }: { readonly view: NetworkView }) {
  const { links } = view;
  if (links.length === 0) return <p class="hint">{text("faults.none")}</p>;
  return (
    <div>
      <p class="small bad">{text("faults.active", { n: links.length })}</p>
      <ul class="chips">
        {links.slice(0, LINKS_SHOWN_MAX).map(({ from, to, isCut, latencyMs, loss }) => (
          <li key={`${from}-${to}`} class="chip">
            {isCut
              ? text("faults.link.cut", { from, to })
              : text("faults.link.weak", { from, to, latency: latencyMs, loss: shareText(loss) })}
          </li>
        ))}
        {links.length > LINKS_SHOWN_MAX && <li class="chip">+{links.length - LINKS_SHOWN_MAX}</li>}
      </ul>
    </div>
  );
}

function halves(nodes: readonly number[]): readonly (readonly number[])[] {
  const middle = Math.ceil(nodes.length / 2);
  return [nodes.slice(0, middle), nodes.slice(middle)];
}

/** `0,1 / 2,3,4`; nodes that are not named make a group of their own. */
function parseGroups(typed: string, nodes: number): readonly (readonly number[])[] | undefined {
  const groups: number[][] = [];
  const seen = new Set<number>();
  for (const part of typed.split("/")) {
    const group: number[] = [];
    for (const word of part.split(/[\s,]+/).filter((each) => each !== "")) {
      const node = Number(word);
      if (!/^\d+$/.test(word) || node >= nodes || seen.has(node)) return undefined;
      seen.add(node);
      group.push(node);
    }
    groups.push(group);
  }
  const rest = Array.from({ length: nodes }, (_, node) => node).filter((node) => !seen.has(node));
  return rest.length > 0 ? [...groups, rest] : groups;
}
