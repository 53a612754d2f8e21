// What a parser that knows nothing of how a comment was written finds in it beyond our own markup.
import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { terminalDangers } from "./hostile.ts";

/** A node and everything in it. */
export function walk(node: Nodes): Nodes[] {
  return [node, ...("children" in node ? node.children.flatMap((child) => walk(child)) : [])];
}

/** The nodes of a text, read as GitHub does. */
export function parse(markdown: string): Nodes[] {
  return walk(fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }));
}

const OURS = new Set([
  "root",
  "heading",
  "paragraph",
  "text",
  "strong",
  "inlineCode",
  "code",
  "table",
  "tableRow",
  "tableCell",
  "list",
  "listItem",
  "blockquote",
  "html",
]);

/** What GitHub makes of plain text after Markdown: mentions, references, emoji, mathematics, links. */
const AUTOLINKED = /@[\w-]|(?:^|\W)(?:#|gh-)\d|:[\w+-]+:|\$[^$]*\$|https?:\/\/|www\.|mailto:\w/i;

/** What in the text is not ours; empty when names stayed names. */
export function injections(markdown: string, nodes: readonly Nodes[] = parse(markdown)): string[] {
  const found: string[] = [];
  for (const node of nodes) {
    if (!OURS.has(node.type)) found.push(node.type);
    if (node.type === "html" && !/^(?:<\/?details>|<details>\n<summary>[^<>&]+<\/summary>|<\/?span>)$/.test(node.value))
      found.push(`html ${node.value}`);
    if (node.type === "text" && AUTOLINKED.test(node.value.replaceAll(/^\$$/g, ""))) found.push(`text ${node.value}`);
    if (node.type === "heading" && node.depth < 3) found.push("heading");
  }
  return [...found, ...terminalDangers(markdown.replaceAll("\n", " "))];
}
