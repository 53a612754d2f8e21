// What every page that is sent to people looks like: colours for light and dark, letters, tables, badges. It names no address, since
// nothing may be fetched, and every pair of colours can be read by people who see little contrast.

/** As it stands between the style tags; a page's own style comes after it. */
export const DOCUMENT_STYLE = `
:root {
  color-scheme: light;
  --page: #f6f7f9; --card: #ffffff; --sunken: #eef0f3; --line: #dfe3e8; --strong-line: #8a94a1;
  --text: #1a1f26; --quiet: #56606c; --accent: #2b54c8; --accent-soft: #e8edfb; --on-accent: #ffffff;
  --good: #0f6a32; --good-soft: #ddf5e5; --wait: #7a4b00; --wait-soft: #fdf0d2; --bad: #a3132c; --bad-soft: #fde8ea;
  --shadow: 0 1px 2px rgb(20 30 45 / 6%), 0 1px 6px rgb(20 30 45 / 5%);
}
:root[data-theme="dark"] {
  color-scheme: dark;
  --page: #0d1117; --card: #151b23; --sunken: #1d242e; --line: #2b333e; --strong-line: #7d8794;
  --text: #e7ebf0; --quiet: #a0abb8; --accent: #8fb3ff; --accent-soft: #1c2a47; --on-accent: #0b1220;
  --good: #7ddb9c; --good-soft: #12331f; --wait: #f0c46b; --wait-soft: #3a2a08; --bad: #ff9fa8; --bad-soft: #45151d;
  --shadow: 0 1px 2px rgb(0 0 0 / 40%);
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme="light"]) {
    color-scheme: dark;
    --page: #0d1117; --card: #151b23; --sunken: #1d242e; --line: #2b333e; --strong-line: #7d8794;
    --text: #e7ebf0; --quiet: #a0abb8; --accent: #8fb3ff; --accent-soft: #1c2a47; --on-accent: #0b1220;
    --good: #7ddb9c; --good-soft: #12331f; --wait: #f0c46b; --wait-soft: #3a2a08; --bad: #ff9fa8; --bad-soft: #45151d;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%);
  }
}
@media print {
  :root, :root[data-theme="dark"], :root:not([data-theme="light"]) {
    color-scheme: light;
    --page: #ffffff; --card: #ffffff; --sunken: #f2f3f5; --line: #c9ced5; --strong-line: #8a94a1;
    --text: #000000; --quiet: #3c444d; --accent: #1d3f9e; --accent-soft: #ffffff; --on-accent: #ffffff;
    --good: #0f6a32; --good-soft: #ffffff; --wait: #7a4b00; --wait-soft: #ffffff; --bad: #a3132c; --bad-soft: #ffffff;
    --shadow: none;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text); overflow-wrap: anywhere;
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
}
.frame { max-width: 90rem; margin: 0 auto; padding: 1.5rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
h1 { margin: 0; font-size: 1.625rem; line-height: 1.25; letter-spacing: -0.015em; }
h2 { margin: 0 0 0.75rem; font-size: 1.0625rem; line-height: 1.35; letter-spacing: -0.005em; }
h3 { margin: 0 0 0.5rem; font-size: 0.9375rem; }
p { margin: 0.5rem 0; }
ul, ol { margin: 0; padding: 0; list-style: none; }
time, .number { white-space: nowrap; font-variant-numeric: tabular-nums; }
code { font: 0.9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.quiet { color: var(--quiet); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.125rem 1.25rem; box-shadow: var(--shadow); }
.card + .card { margin-top: 1rem; }
.badge {
  display: inline-block; border-radius: 1rem; padding: 0.05rem 0.6rem; font-size: 0.8125rem; font-weight: 600; white-space: nowrap;
  background: var(--sunken); color: var(--text);
}
.badge.good { color: var(--good); background: var(--good-soft); }
.badge.wait { color: var(--wait); background: var(--wait-soft); }
.badge.bad { color: var(--bad); background: var(--bad-soft); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; overflow-wrap: break-word; }
caption { text-align: left; }
th, td { padding: 0.45rem 0.75rem 0.45rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-size: 0.8125rem; font-weight: 600; }
tbody th { color: var(--text); font-size: inherit; }
tbody tr:last-child > * { border-bottom: 0; }
td.number, th.number { text-align: right; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; display: inline-block; margin-bottom: 0.75rem; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media print {
  body { font-size: 9.5pt; }
  .frame { max-width: none; padding: 0; }
  .card { border-radius: 0; break-inside: avoid; }
  .scroll { overflow: visible; }
  tr { break-inside: avoid; }
}
@media (max-width: 40rem) { .frame { padding: 1rem; } .card { padding: 0.875rem 1rem; } }
`;
