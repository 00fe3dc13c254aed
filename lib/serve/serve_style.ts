/**
 * How the pages of results look, in light and dark.
 *
 * @module
 */

export const SERVE_STYLE =
  `:root { color-scheme: light dark; --ground: #f5f6f8; --panel: #fff; --line: #e3e6eb;
  --text: #16191f; --quiet: #5d6778; --accent: #3056d3; --yes: #0f7a51; --no: #b8402a; --open: #8a5a00; }
@media screen and (prefers-color-scheme: dark) { :root { --ground: #0e1116; --panel: #171b22; --line: #262c36;
  --text: #e8ebf0; --quiet: #95a0b0; --accent: #7c9bff; --yes: #3ecf8e; --no: #ff8b80; --open: #e3a33c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1240px; padding: 1.4rem 1.25rem 3rem; background: var(--ground);
  color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", Roboto, Arial, sans-serif;
  font-variant-numeric: tabular-nums; }
a { color: var(--accent); } h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 1.8rem 0 .7rem; } p { margin: .3rem 0; }
code { font: .86em ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); } header { margin-bottom: 1.2rem; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem 1rem; margin: 1rem 0; }
ul.results { list-style: none; margin: 0; padding: 0; display: grid; gap: .8rem; }
.result { display: grid; grid-template-columns: auto 11rem minmax(0, 1fr) auto; gap: 1.1rem;
  align-items: center; background: var(--panel); border: 1px solid var(--line); border-radius: 12px;
  padding: .8rem 1.1rem; }
.result input { width: 1.15rem; height: 1.15rem; accent-color: var(--accent); }
.result .thumb { height: 6rem; background: #fff; border: 1px solid var(--line); border-radius: 8px;
  overflow: hidden; display: grid; place-items: center; color: #667085; font-size: .82rem; }
.result .thumb img { width: 100%; height: 100%; object-fit: cover; object-position: left top; }
.result h2 { margin: 0 0 .15rem; font-size: 1.05rem; overflow-wrap: anywhere; }
.result p { font-size: .9rem; } .actions { display: flex; flex-wrap: wrap; gap: .5rem;
  justify-content: flex-end; }
button, .button { font: inherit; font-size: .9rem; color: var(--accent); background: var(--panel);
  border: 1px solid var(--line); border-radius: 8px; padding: .3rem .8rem; cursor: pointer;
  text-decoration: none; } button:hover, .button:hover { border-color: var(--accent); }
button.main { background: var(--accent); border-color: var(--accent); color: var(--panel); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; } form { margin: 0; }
.verdict { font-weight: 600; } .yes { color: var(--yes); } .no { color: var(--no); }
.undecided { color: var(--open); } .better { color: var(--yes); } .worse { color: var(--no); }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; padding: .9rem 1.1rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1.2rem; margin: 0; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 34rem), 1fr)); gap: 1rem;
  align-items: start; }
figure { margin: 0; background: #fff; border: 1px solid var(--line); border-radius: 10px; padding: .5rem; }
figure img { width: 100%; height: auto; display: block; } figcaption { color: #5d6778; font-size: .85rem; }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--quiet); font-weight: 600; } th:first-child, td:first-child, .left { text-align: left; }
ul.plain { list-style: none; margin: 0; } .conclusion { padding: .2rem 0; }
.conclusion .verdict { display: inline-block; min-width: 6.5em; }
footer { margin-top: 2rem; color: var(--quiet); font-size: .88rem; display: flex; gap: .8rem; }
@media (max-width: 760px) { body { padding: 1rem .9rem 2rem; }
  .result { grid-template-columns: auto minmax(0, 1fr); } .result .thumb { grid-column: 1 / -1; grid-row: 2; }
  .result .thumb.bare { display: none; }
  .actions { grid-column: 1 / -1; justify-content: flex-start; } }
@media print { .bar, .actions, footer { display: none; } }
`;
