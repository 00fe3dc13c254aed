/**
 * The explorer in the control room: through the eyes of any of its nodes, with what the room knows of a
 * transaction's life.
 *
 * @module
 */
import { useEffect, useState } from "hono/jsx/dom";
import type { TransactionStateJson } from "../../wire/api_chain.ts";
import { TRANSACTION_ID_LENGTH } from "../../page/feed.ts";
import { Explorer, type RuleRow } from "../../page/explorer.tsx";
import type { NetworkView } from "../../page/network_view.ts";
import { valueOf } from "../../page/browser.ts";
import { text } from "./common.tsx";
import { read } from "./room_client.ts";

export function ExplorerView({ view, route }: {
  readonly view: NetworkView;
  readonly route: readonly string[];
}) {
  const [node, setNode] = useState(0);
  const [rules, setRules] = useState<readonly { code: string; when: string }[]>([]);
  useEffect(() => {
    void read<{ rules: readonly { code: string; when: string }[] }>("/room/rules")
      .then((answer) => answer.ok && setRules(answer.value.rules));
  }, []);
  // What is shown is read again when this node's tip or pool moves.
  const version = `${view.nodes[node]?.tip} ${view.nodes[node]?.gauge?.pool}`;
  return (
    <>
      <label class="inline">
        {text("explorer.node")}
        <select onChange={(event: Event) => setNode(Number(valueOf(event)))}>
          {view.nodes.map((_, id) => (
            <option key={String(id)} value={String(id)} selected={id === node}>
              {text("node", { n: id })}
            </option>
          ))}
        </select>
      </label>
      <Explorer
        text={text}
        base="#/explorer"
        route={route}
        read={(path) => read(`/room/nodes/${node}${path}`)}
        version={version}
        nowMs={Date.now()}
        lifeOf={(state) => lifeOf(view, state)}
        rules={rulesOf(view, rules)}
      />
    </>
  );
}

/** Made, seen, in a block, fallen out, back, refused: as far as the room has seen it. */
function lifeOf(view: NetworkView, state: TransactionStateJson): readonly string[] {
  const known = view.transactions.get(state.transaction.txid.slice(0, TRANSACTION_ID_LENGTH));
  const steps: string[] = [];
  if (known !== undefined) {
    steps.push(text("tx.life.made", { node: text("node", { n: known.node }) }));
    steps.push(text("tx.life.seen", { n: known.seenBy, total: view.nodes.length }));
    if (known.fellOut > 0) steps.push(text("tx.life.fell", { n: known.fellOut }));
    if (known.fellOut > 0 && state.state === "confirmed") steps.push(text("tx.life.back"));
  }
  switch (state.state) {
    case "confirmed":
      steps.push(text("tx.life.block", { height: state.height ?? 0 }));
      steps.push(text("tx.life.confirmed", { n: state.confirmations }));
      break;
    case "pending":
      steps.push(text("tx.life.waiting"));
      break;
    case "failed":
      steps.push(text("tx.life.refused", { code: state.reasonCode ?? known?.refusedCode ?? "?" }));
  }
  return steps;
}

/** All rules with what they stopped, and whatever else has stopped something. */
function rulesOf(
  view: NetworkView,
  rules: readonly { readonly code: string; readonly when: string }[],
): readonly RuleRow[] {
  const rows = rules.map(({ code, when }) => ({
    code,
    when,
    count: view.ruleCounts.get(code) ?? 0,
  }));
  const known = new Set(rules.map(({ code }) => code));
  for (const [code, count] of view.ruleCounts) {
    if (!known.has(code)) rows.push({ code, when: "", count });
  }
  return rows;
}
