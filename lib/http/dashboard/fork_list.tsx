/**
 * Forks in words: which block lost, to whom, and what that means.
 *
 * @module
 */
import type { BlockSummaryJson, TipsJson } from "../../wire/api_chain.ts";
import { walletLabel } from "./format.ts";
import { text } from "./texts.ts";

type Tip = TipsJson["tips"][number];

/** How many are told one by one. */
const FORKS_SHOWN = 5;

export function ForkList(
  { tips, blocks }: {
    readonly tips: readonly Tip[];
    readonly blocks: readonly BlockSummaryJson[];
  },
) {
  const lost = tips.filter(({ status }) => status !== "active")
    .sort((a, b) => b.height - a.height || a.hash.localeCompare(b.hash));
  return (
    <div class="forks">
      <h3>{text("forks")}</h3>
      {lost.length === 0 ? <p class="hint">{text("forks.none")}</p> : (
        <>
          <p class="hint">{text("forks.about")}</p>
          <ul>
            {lost.slice(0, FORKS_SHOWN).map((tip) => (
              <li key={tip.hash} title={tip.hash}>{forkText(tip, blocks)}</li>
            ))}
          </ul>
          {lost.length > FORKS_SHOWN && (
            <p class="hint">{text("forks.more", { n: lost.length - FORKS_SHOWN })}</p>
          )}
        </>
      )}
    </div>
  );
}

function forkText(tip: Tip, blocks: readonly BlockSummaryJson[]): string {
  const { height, forkHeight: fork, branchLength: n } = tip;
  const loser = walletLabel(tip.miner);
  if (tip.status === "invalid") {
    return text("forks.invalid", { height, loser, code: tip.invalidCode ?? text("unknown") });
  }
  const rival = blocks.find((block) => block.height === height);
  return n > 1 || rival === undefined
    ? text("forks.lostBranch", { fork, n, height })
    : text("forks.lost", { height, loser, winner: walletLabel(rival.miner) });
}
