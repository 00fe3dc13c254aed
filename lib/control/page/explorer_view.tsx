/**
 * The explorer in the control room: through the eyes of any of its nodes, with what the room knows of a
 * transaction's life.
 *
 * @module
 */
import { useEffect, useState } from "hono/jsx/dom";
import type { TransactionStateJson } from "../../wire/api_chain.ts";
import { TRANSACTION_ID_LENGTH } from "../../page/feed.ts";
import { Explorer } from "../../page/explorer/explorer.tsx";
import type { NetworkView } from "../../page/network_view.ts";
import { codeText } from "../../page/texts/refusal_texts.ts";
import { valueOf } from "../../page/browser.ts";
import { language, text } from "./common.tsx";
import { read } from "./room_client.ts";

export function ExplorerView({ view, route }: {
  readonly view: NetworkView;
  readonly route: readonly string[];
}) {
  const [node, setNode] = useState(0);
  const [heard, setHeard] = useState<Heard | undefined>(undefined);
  const [page, name] = route;
  const txid = page === "tx" ? name : undefined;
  useEffect(() => {
    if (txid === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isWanted = true;
    const ask = async () => {
      const nodes = await whoKnows(view, txid);
      if (!isWanted) return;
      setHeard({ name: txid, nodes });
      // It is still on its way to some.
      if (nodes < view.nodes.length) timer = setTimeout(ask, ASK_AGAIN_MS);
    };
    void ask();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [txid]);
  // What is shown is read again when this node's tip or pool changes.
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
        language={language}
        base="#/explorer"
        route={route}
        read={(path) => read(`/room/nodes/${node}${path}`)}
        version={version}
        nowMs={Date.now()}
        lifeOf={(state) => lifeOf(view, state, heard?.name === name ? heard : undefined)}
        ruleCounts={view.ruleCounts}
      />
    </>
  );
}

/** How many nodes know a transaction when they are asked. */
interface Heard {
  readonly name: string;
  readonly nodes: number;
}

const NODES_ASKED_MAX = 32;
const ASK_AGAIN_MS = 2_000;

/** With many nodes not every transaction is told: the nodes are asked when somebody looks at one. */
async function whoKnows(view: NetworkView, name: string): Promise<number> {
  const up = view.nodes.flatMap(({ run }, node) => run === "up" ? [node] : []);
  const answers = await Promise.all(
    up.slice(0, NODES_ASKED_MAX).map((node) =>
      read(`/room/nodes/${node}/transactions/${encodeURIComponent(name)}`)
    ),
  );
  return answers.filter(({ ok }) => ok).length;
}

/** Made, seen, in a block, fallen out, back, refused: as far as the room has seen it. */
function lifeOf(
  view: NetworkView,
  state: TransactionStateJson,
  heard: Heard | undefined,
): readonly string[] {
  const known = view.transactions.get(state.transaction.txid.slice(0, TRANSACTION_ID_LENGTH));
  const steps: string[] = [];
  if (known !== undefined) {
    steps.push(text("tx.life.made", { node: text("node", { n: known.node }) }));
  }
  const seenBy = Math.max(known?.seenBy ?? 0, heard?.nodes ?? 0);
  if (seenBy > 0) steps.push(text("tx.life.seen", { n: seenBy, total: view.nodes.length }));
  if (known !== undefined) {
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
      steps.push(text("tx.life.refused", {
        code: codeText(language, state.reasonCode ?? known?.refusedCode ?? "?"),
      }));
  }
  return steps;
}
