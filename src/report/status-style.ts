// The one style sheet of the status page: light and dark by what the reader's system says, one column on a phone. It names no
// address, since nothing may be fetched.

/** As it stands between the style tags: the page's policy allows exactly these bytes. */
export const STATUS_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f8fa; --card: #ffffff; --line: #d0d7de; --text: #1f2328; --quiet: #57606a; --link: #0550ae;
  --good: #116329; --good-back: #dafbe1; --wait: #6b4e00; --wait-back: #fff3c4; --bad: #a40e26; --bad-back: #ffebe9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --card: #161b22; --line: #30363d; --text: #e6edf3; --quiet: #a5b0bc; --link: #8cc2ff;
    --good: #8be9a8; --good-back: #12351f; --wait: #f2cf6b; --wait-back: #3a2d06; --bad: #ffb8b1; --bad-back: #4b1117;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 64rem; padding: 1rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere;
}
a { color: var(--link); }
a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; display: inline-block; margin-bottom: 1rem; }
h1 { margin: 0; font-size: 1.5rem; }
h2 { margin: 2rem 0 0.75rem; font-size: 1.2rem; }
h3 { margin: 0; font-size: 1.05rem; }
h3 + .rows { margin-top: 0.5rem; }
.rows + h3 { margin-top: 1rem; }
p { margin: 0.5rem 0; }
time { white-space: nowrap; }
code { font: 0.9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.quiet { color: var(--quiet); }
ul { margin: 0; padding: 0; list-style: none; }
.cards { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
.card, .rows > li { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem 1rem; }
.rows > li + li { margin-top: 0.5rem; }
.head { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: baseline; justify-content: space-between; }
dl { display: grid; grid-template-columns: minmax(5.5rem, auto) 1fr; gap: 0.15rem 0.75rem; margin: 0.5rem 0 0; }
dt { color: var(--quiet); }
dd { margin: 0; min-width: 0; }
.badge { border-radius: 1rem; padding: 0 0.6rem; font-size: 0.85rem; font-weight: 600; white-space: nowrap; }
.good { color: var(--good); background: var(--good-back); }
.wait { color: var(--wait); background: var(--wait-back); }
.bad { color: var(--bad); background: var(--bad-back); }
footer { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: 0.75rem; }
`;
