/**
 * How a score sheet looks, in light and dark, on a desk and on a phone.
 *
 * @module
 */

export const SCORE_SHEET_STYLE = `
:root { color-scheme: light dark; --ink: #1d2126; --soft: #5c6570; --line: #dfe3e8; --paper: #fff;
  --tint: #f5f7f9; --yes: #0a7d5a; --no: #b8402a; --undecided: #98690a; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4b0; --line: #333a43;
  --paper: #15181c; --tint: #1d2228; --yes: #4cc79b; --no: #f0806a; --undecided: #e3b95a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.9rem; margin: 0; overflow-wrap: anywhere; } h2 { margin: 2.2rem 0 .7rem; font-size: 1.3rem; }
h3 { margin: 0 0 .4rem; font-size: 1.05rem; } p { margin: .35rem 0; }
header p { color: var(--soft); } .total { font-size: 1.35rem; } .total strong { color: var(--ink); font-size: 2rem; }
.notice { border-left: 3px solid var(--undecided); padding-left: .7rem; }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem;
  font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .35rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; } th:first-child, td:first-child { text-align: left; white-space: nowrap; }
.tests td:nth-child(2), .tests th:nth-child(2) { text-align: left; } .tests td:last-child { white-space: nowrap; }
.wide { width: 32%; min-width: 6rem; } .bar { display: block; height: .7rem; margin-top: .35rem; border-radius: 4px;
  background: var(--line); overflow: hidden; } .bar span { display: block; height: 100%; background: var(--yes); }
section { border: 1px solid var(--line); border-left: 4px solid var(--no); border-radius: 8px; margin: .8rem 0;
  padding: .8rem 1rem; scroll-margin-top: 1rem; } section.flaky { border-left-color: var(--undecided); }
.reason { font-weight: 600; color: var(--no); overflow-wrap: anywhere; } .flaky .reason { color: var(--undecided); }
.verdict { font-weight: 700; white-space: nowrap; } .passed .verdict { color: var(--yes); }
.failed .verdict { color: var(--no); } .flaky .verdict { color: var(--undecided); }
.not-applicable { color: var(--soft); } small { color: var(--soft); overflow-wrap: anywhere; } a { color: inherit; }
.tag { font-size: .75rem; color: var(--soft); border: 1px solid var(--line); border-radius: 999px; padding: 0 .5em;
  white-space: nowrap; }
details { margin: .4rem 0; } summary { cursor: pointer; color: var(--soft); }
pre { background: var(--tint); border-radius: 6px; padding: .5rem .7rem; overflow-x: auto; font-size: .8rem;
  white-space: pre-wrap; overflow-wrap: anywhere; margin: .25rem 0; max-height: 24rem; overflow-y: auto; }
ol.calls { list-style: none; margin: .3rem 0; padding: 0; } .when { color: var(--soft); font-size: .78rem; }
code { background: var(--tint); padding: .1em .35em; border-radius: 4px; font-size: .9em; }
@media (max-width: 40rem) { body { padding: 1.2rem .8rem 3rem; } .wide { display: none; }
  table { font-size: .82rem; } th, td { padding: .3rem .2rem; } th:first-child, td:first-child { white-space: normal; }
  section { padding: .6rem .7rem; } }
@media print { details { display: none; } section { break-inside: avoid; } }
`;
