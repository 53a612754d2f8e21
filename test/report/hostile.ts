// Names that try to be more than names, and what to look for in a text that took them in.

export const HOSTILE_NAMES: readonly string[] = [
  "\u001b[2J\u001b[31mred\u001b[0m",
  "\u009b31mcsi",
  "\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007",
  "back\b\b\bspace",
  "carriage\rreturn",
  "new\nline\n+ Role Admin",
  "::error::annotated",
  "a\n::add-mask::secret",
  "##[add-mask]secret",
  "\u202egnp.exe\u202c",
  "\u2066isolated\u2069",
  "zero\u200bwidth\u200d\u2060\ufeff",
  "soft\u00adhyphen",
  "\u{e0041}\u{e0042}tags",
  "nbsp\u00a0and\u3000ideographic",
  "line\u2028separator\u2029",
  "lone\ud800surrogate",
  "\u3164filler",
  `z${"\u0301".repeat(40)}algo`,
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "</summary></details><h1>out</h1>",
  "<!-- hidden",
  "&lt;b&gt; &#64;octocat &copy;",
  "[click](https://evil.example)",
  "![pixel](https://evil.example/p.png)",
  "[ref]: https://evil.example",
  "<https://evil.example>",
  "https://evil.example/path",
  "www.evil.example",
  "mailto:mal@evil.example",
  "@octocat",
  "@acme/admins please approve",
  "#1",
  "acme/repo#1",
  "GH-12",
  "closes #3",
  "`code` and ``more``",
  "```\nfence\n```",
  "~~~~",
  "~~struck~~",
  "# heading",
  "> quote",
  "- list",
  "1. list",
  "| cell | cell |",
  "a|b\\|c",
  "---",
  "===",
  "**bold** _em_ __strong__",
  "$x$ $$y$$",
  ":tada:",
  "[^1]",
  "\\",
  "\\\\",
  "`",
  "",
  " ",
  "all environments",
  "none",
  "x, y and 498 more",
  "Card template -> admin",
  "'; rm -rf / #",
  "$(reboot)",
  "%0A::error::x",
  "a,file=b",
  "{0} and [text](1)",
  "名前".repeat(30),
  "W".repeat(5000),
  "‮".repeat(3000),
  `${"@#:".repeat(700)}`,
];

/** Anything a terminal or a log would act on, or that an eye would not see. */
const UNSAFE = /(?![\n ])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}\p{DI}]/u;

/** What is unsafe in a text that is printed line by line; empty when it is harmless. */
export function terminalDangers(text: string): string[] {
  const dangers: string[] = [];
  const unsafe = UNSAFE.exec(text);
  if (unsafe) dangers.push(`U+${unsafe[0].codePointAt(0)?.toString(16)} at ${unsafe.index}`);
  for (const line of text.split("\n"))
    if (/^\s*::/.test(line) || line.includes("##[")) dangers.push(`command: ${line}`);
  return dangers;
}
