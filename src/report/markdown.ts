// The few Markdown nodes that reports are made of, and their text. Names come in as code or as neutralized
// prose, never as markup. It refuses strings of Markdown: everything is a node until the end.
import type { BlockContent, Html, Paragraph, PhrasingContent, Root, Table } from "mdast";
import { gfmTableToMarkdown } from "mdast-util-gfm-table";
import { toMarkdown } from "mdast-util-to-markdown";
import { escapeTerminal, MESSAGE_LENGTH, NAME_LENGTH } from "./escape.ts";

export type Phrase = readonly PhrasingContent[];
export type Block = BlockContent;

/** A zero-width space after these keeps GitHub from making links, mentions, references and emoji of them. */
const LINKING = /(?<=[@#:])(?=\S)|(?<=www)(?=\.)|(?<=gh-)(?=\d)|(?=\$)|(?<=\$)/i;

const BREAK: Html = { type: "html", value: "&#8203;" };

/** GitHub reads `$a$` as mathematics, but not a dollar in a span. */
const DOLLAR: Html = { type: "html", value: "<span>$</span>" };

/** Words of ours or of others, on one line, in which nothing is a link, a mention, a reference or markup. */
export function prose(text: string, maximum: number = MESSAGE_LENGTH): Phrase {
  return escapeTerminal(text, maximum)
    .split(LINKING)
    .flatMap((part, index, parts): PhrasingContent[] => {
      if (part === "$") return [DOLLAR];
      const linked = /[@#:]$|www$|gh-$/i.test(part) && index < parts.length - 1 && parts[index + 1] !== "$";
      return [{ type: "text", value: part }, ...(linked ? [BREAK] : [])];
    });
}

/** A name, an address or a digest, exactly as it is. */
export function code(text: string, maximum: number = NAME_LENGTH): PhrasingContent {
  const value = escapeTerminal(text, maximum);
  return { type: "inlineCode", value: value.trim() === "" ? `"${value}"` : value };
}

export function strong(text: string): PhrasingContent {
  return { type: "strong", children: [...prose(text)] };
}

/** Words from strings, which are neutralized, and nodes, which are as they are. */
export function phrase(...parts: readonly (string | PhrasingContent | Phrase)[]): Phrase {
  return parts.flatMap((part) => (typeof part === "string" ? prose(part) : isPhrase(part) ? part : [part]));
}

function isPhrase(part: PhrasingContent | Phrase): part is Phrase {
  return Array.isArray(part);
}

export function paragraph(...parts: readonly (string | PhrasingContent | Phrase)[]): Paragraph {
  return { type: "paragraph", children: [...phrase(...parts)] };
}

export function heading(depth: 3 | 4, ...parts: readonly (string | PhrasingContent | Phrase)[]): Block {
  return { type: "heading", depth, children: [...phrase(...parts)] };
}

export function quote(...blocks: readonly Block[]): Block {
  return { type: "blockquote", children: [...blocks] };
}

export function list(items: readonly Phrase[]): Block {
  return {
    type: "list",
    spread: false,
    children: items.map((item) => ({
      type: "listItem",
      spread: false,
      children: [{ type: "paragraph", children: [...item] }],
    })),
  };
}

export function table(head: readonly string[], rows: readonly (readonly Phrase[])[]): Table {
  const row = (cells: readonly Phrase[]) => ({
    type: "tableRow" as const,
    children: cells.map((cell) => ({ type: "tableCell" as const, children: [...cell] })),
  });
  return { type: "table", children: [row(head.map((title) => prose(title))), ...rows.map(row)] };
}

/** A block of lines that are safe already; the fence is longer than any in the lines. */
export function fence(language: "diff" | "sh", lines: readonly string[]): Block {
  return { type: "code", lang: language, value: lines.join("\n") };
}

/** Blocks behind a line that unfolds them. The summary is ours: words and numbers only. */
export function details(summary: string, blocks: readonly Block[]): Block[] {
  if (/[<>&]/.test(summary)) throw new Error("a summary holds plain words only");
  const open: Html = { type: "html", value: `<details>\n<summary>${summary}</summary>` };
  return [open, ...blocks, { type: "html", value: "</details>" }];
}

/** The text of blocks, ending in a newline. */
export function stringify(blocks: readonly Block[]): string {
  const root: Root = { type: "root", children: [...blocks] };
  return toMarkdown(root, {
    bullet: "-",
    rule: "-",
    unsafe: [{ character: "~", inConstruct: "phrasing" }],
    extensions: [gfmTableToMarkdown({ tablePipeAlign: false })],
  });
}
