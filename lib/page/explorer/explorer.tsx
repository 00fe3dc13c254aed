/**
 * The explorer: blocks, transactions, wallets, the pool and the rules, each at an address of its own.
 *
 * Reads one node's API through whatever the page gives it, so the same explorer stands in the control room
 * and on a node's own page. What peers have made is shown as text, never as markup.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import { browser } from "../browser.ts";
import { useEffect } from "../use_effect.ts";
import { BlockPage, NewestPage } from "./block_page.tsx";
import { type ExplorerProps, Waiting } from "./parts.tsx";
import { RulesPage } from "./rules_page.tsx";
import { ExplorerFrame, NotFound } from "./explorer_frame.tsx";
import { findName, type Found } from "./search.ts";
import { PoolPage, TransactionPage } from "./transaction_page.tsx";
import { WalletPage } from "./wallet_page.tsx";

export function Explorer(props: ExplorerProps) {
  const { text, base, route } = props;
  const [page = "", name = ""] = route;
  return (
    <ExplorerFrame text={text} base={base} page={page}>
      <Page {...props} page={page} name={name} />
    </ExplorerFrame>
  );
}

type NamedProps = ExplorerProps & { readonly name: string };

function Page(props: NamedProps & { readonly page: string }) {
  const { page, name } = props;
  switch (page) {
    case "block":
      return <BlockPage key={name} {...props} />;
    case "tx":
      return <TransactionPage key={name} {...props} />;
    case "wallet":
      return <WalletPage key={name} {...props} />;
    case "mempool":
      return <PoolPage {...props} />;
    case "rules":
      return <RulesPage text={props.text} language={props.language} counts={props.ruleCounts} />;
    case "search":
      return <SearchPage key={name} {...props} />;
    default:
      return <NewestPage {...props} />;
  }
}

/** Finds out what a text names, and goes there, unless the reader has gone elsewhere meanwhile. */
function SearchPage(props: NamedProps) {
  const { text, base, read, name } = props;
  const [found, setFound] = useState<Found | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    void findName(read, name).then((found) => {
      if (!isWanted) return;
      // In place of the search: the way back leads to where it was asked.
      if (found.kind === "place") browser.location.replace(`${base}/${found.place}`);
      else setFound(found);
    });
    return () => {
      isWanted = false;
    };
  }, [name]);
  if (found === undefined || found.kind === "place") {
    return <p class="panel" role="status">{text("explorer.reading")}</p>;
  }
  if (found.kind === "failed") {
    return <Waiting text={text} language={props.language} result={found.refusal} />;
  }
  return <NotFound text={text} kind={found.kind} name={name} />;
}
