// How the page of a campaign's evidence looks, after the style that all pages share: tables on a desk, a card for each row on a phone,
// and everything that can be folded unfolded on paper.

export const EVIDENCE_STYLE = `
h2 { margin: 0 0 0.75rem; display: flex; gap: 0.75rem; justify-content: space-between; align-items: baseline; }
h2 .size { color: var(--quiet); font-size: 0.8125rem; font-weight: 500; }
.lead { margin: 0.25rem 0 1rem; color: var(--quiet); }
.figures { display: flex; flex-wrap: wrap; gap: 0.625rem; margin: 0 0 1rem; }
.figures li {
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 0.6rem 0.9rem; min-width: 7rem; flex: 1 1 7rem;
  font-size: 0.8125rem; color: var(--quiet);
}
.figures strong { display: block; font-size: 1.5rem; line-height: 1.3; color: var(--text); font-variant-numeric: tabular-nums; }
.figures .alarming { border-color: var(--bad); }
.figures .alarming strong { color: var(--bad); }
dl { display: grid; grid-template-columns: minmax(5.5rem, auto) 1fr; gap: 0.25rem 0.75rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; min-width: 0; }
table { font-size: 0.9rem; }
td .under { display: block; color: var(--quiet); font-size: 0.8125rem; }
td strong { font-weight: 600; }
.gives li + li { margin-top: 0.15rem; }
summary { cursor: pointer; color: var(--accent); font-size: 0.8125rem; padding: 0.15rem 0; }
.digest { font: 0.8125rem ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.decisions td:nth-child(1) { width: 19%; }
.decisions td:nth-child(2) { width: 29%; }
@media (max-width: 48rem) {
  table, tbody, tr, td { display: block; width: auto; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
  tbody tr:last-child { border-bottom: 0; }
  .decisions td:nth-child(n) { width: auto; }
  td { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: 0 0.75rem; border: 0; padding: 0.15rem 0; }
  td::before { content: attr(data-head); color: var(--quiet); font-size: 0.8125rem; }
  td:empty { display: none; }
}
@media print {
  .skip { display: none; }
  summary { display: none; }
  details::details-content { display: block; content-visibility: visible; block-size: auto; overflow: visible; }
  .card { break-inside: auto; box-shadow: none; }
  h2 { break-after: avoid; }
}
`;
