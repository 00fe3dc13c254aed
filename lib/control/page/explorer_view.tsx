/**
 * The explorer in the control room: through the eyes of any of its nodes, with what the room knows of a
 * transaction's life.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import type { TransactionStateJson } from "../../wire/api_chain.ts";
import { TRANSACTION_ID_LENGTH } from "../../page/feed.ts";
import { Explorer } from "../../page/explorer/explorer.tsx";
import { lifeSteps, stepsOf } from "../../page/explorer/life.ts";
import type { NetworkView } from "../../page/network_view.ts";
import { valueOf } from "../../page/browser.ts";
import { useEffect } from "../../page/use_effect.ts";
import { language, text } from "./common.tsx";
import { read } from "./room_client.ts";

export function ExplorerView({ view, route }: {
  readonly view: NetworkView;
  readonly route: readonly string[];
}) {
  const [chosen, setNode] = useState<number | undefined>(undefined);
  // Until the reader says whose eyes are wanted: a node that can answer.
  const node = chosen ?? Math.max(0, view.nodes.findIndex(({ run }) => run === "up"));
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

/** What the room has seen of a life, and what the node says of it now. */
function lifeOf(
  view: NetworkView,
  state: TransactionStateJson,
  heard: Heard | undefined,
): readonly string[] {
  const known = view.transactions.get(state.transaction.txid.slice(0, TRANSACTION_ID_LENGTH));
  const { now } = stepsOf(state);
  return lifeSteps(text, language, {
    madeAt: known?.node,
    seenBy: { nodes: Math.max(known?.seenBy ?? 0, heard?.nodes ?? 0), of: view.nodes.length },
    fellOut: known?.fellOut,
    now: now.state === "failed"
      ? { ...now, code: state.reasonCode ?? known?.refusedCode ?? "?" }
      : now,
  });
}
