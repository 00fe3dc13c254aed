/**
 * How the report looks, in light and dark.
 *
 * @module
 */

export const REPORT_STYLE = `
:root { color-scheme: light dark; --ink: #1d2126; --soft: #5c6570; --line: #dfe3e8; --paper: #fff;
  --tint: #f5f7f9; --yes: #0a7d5a; --no: #b8402a; --undecided: #98690a; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4b0; --line: #333a43;
  --paper: #15181c; --tint: #1d2228; --yes: #4cc79b; --no: #f0806a; --undecided: #e3b95a; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
section, figure { scroll-margin-top: 1rem; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.9rem; margin: 0 0 .3rem; } h2 { margin: 2.4rem 0 .8rem; font-size: 1.3rem; }
h3 { margin: 0 0 .5rem; font-size: 1.05rem; } p { margin: .4rem 0; max-width: 60rem; }
header p, figcaption { color: var(--soft); } a { color: var(--yes); }
.notice { border-left: 3px solid var(--undecided); padding-left: .7rem; }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .87rem;
  font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .3rem .45rem; border-bottom: 1px solid var(--line);
  white-space: nowrap; } th { color: var(--soft); font-weight: 600; }
td:last-child { white-space: normal; } th:first-child, td:first-child { text-align: left; }
tbody tr:hover { background: var(--tint); }
figure { margin: 0 0 2.2rem; } .plot { overflow-x: auto; background: #fff; border-radius: 8px;
  border: 1px solid var(--line); } .plot svg { display: block; width: 100%; min-width: 36rem; height: auto; }
figcaption { font-size: .9rem; margin-top: .4rem; }
details { border: 1px solid var(--line); border-radius: 8px; margin: .4rem 0; padding: .45rem .8rem; }
summary { cursor: pointer; } details ul { margin: .5rem 0; padding-left: 1.3rem; color: var(--soft); }
.verdict { display: inline-block; min-width: 6.2em; font-weight: 700; }
.yes .verdict { color: var(--yes); } .no .verdict { color: var(--no); }
.undecided .verdict { color: var(--undecided); }
nav { margin: 1.6rem 0 0; padding: .7rem 1rem; background: var(--tint); border-radius: 8px;
  font-size: .9rem; } nav ul { list-style: none; margin: 0; padding: 0; }
nav > ul { columns: 15rem; } nav li { break-inside: avoid; padding: .12rem 0; }
nav ul ul { padding-left: .9rem; } nav a { color: var(--ink); text-decoration: none; }
nav a:hover { text-decoration: underline; } nav ul ul a { color: var(--soft); }
@media (min-width: 1340px) { body { max-width: 90rem; display: grid; column-gap: 3rem;
  grid-template-columns: 15rem minmax(0, 1fr); } header { grid-column: 2; } main { grid-column: 2; }
  nav { grid-column: 1; grid-row: 1 / span 2; position: sticky; top: 1.5rem; align-self: start;
  margin: 0; } nav > ul { columns: auto; } }
@media print { nav { display: none; } details { break-inside: avoid; } }
code { background: var(--tint); padding: .1em .35em; border-radius: 4px; font-size: .9em; }
`;
