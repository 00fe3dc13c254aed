/**
 * The explorer: blocks, transactions, wallets, the pool and the rules, each at an address of its own.
 *
 * Reads one node's API through whatever the page gives it, so the same explorer stands in the control room
 * and on a node's own page. What peers have made is shown as text, never as markup.
 *
 * @module
 */
import { useEffect, useState } from "hono/jsx/dom";
import { browser } from "../browser.ts";
import { BlockPage, NewestPage } from "./block_page.tsx";
import type { ExplorerProps } from "./parts.tsx";
import { RulesPage } from "./rules_page.tsx";
import { findName } from "./search.ts";
import { SearchForm } from "./search_form.tsx";
import { PoolPage, TransactionPage } from "./transaction_page.tsx";
import { WalletPage } from "./wallet_page.tsx";

export function Explorer(props: ExplorerProps) {
  const { text, base, route } = props;
  const [page = "", name = ""] = route;
  return (
    <div class="explorer">
      <SearchForm {...props} />
      <nav class="explorer-nav" aria-label={text("explorer.title")}>
        <a href={base} {...(page === "" ? { "aria-current": "page" } : {})}>
          {text("explorer.newest")}
        </a>
        <a href={`${base}/mempool`} {...(page === "mempool" ? { "aria-current": "page" } : {})}>
          {text("explorer.mempool")}
        </a>
        <a href={`${base}/rules`} {...(page === "rules" ? { "aria-current": "page" } : {})}>
          {text("explorer.rules")}
        </a>
      </nav>
      {page === "block"
        ? <BlockPage key={name} {...props} name={name} />
        : page === "tx"
        ? <TransactionPage key={name} {...props} name={name} />
        : page === "wallet"
        ? <WalletPage key={name} {...props} name={name} />
        : page === "mempool"
        ? <PoolPage {...props} />
        : page === "rules"
        ? <RulesPage text={text} language={props.language} counts={props.ruleCounts} />
        : page === "search"
        ? <SearchPage key={name} {...props} name={name} />
        : <NewestPage {...props} />}
    </div>
  );
}

/** Finds out what a text names, and goes there. */
function SearchPage(props: ExplorerProps & { readonly name: string }) {
  const { text, base, read, name } = props;
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    void findName(read, name).then((place) => {
      if (place === undefined) setMissing(true);
      else browser.location.hash = `${base}/${place}`;
    });
  }, [name]);
  return (
    <p class="panel" role="status">
      {isMissing ? text("explorer.notFound", { what: name }) : text("explorer.reading")}
    </p>
  );
}
