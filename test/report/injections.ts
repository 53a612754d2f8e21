// What a text that took in names of others holds that is not ours. It is read back with a GitHub-flavoured parser that knows
// nothing of how it was written.
import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { terminalDangers } from "./hostile.ts";

function walk(node: Nodes): Nodes[] {
  return [node, ...("children" in node ? node.children.flatMap((child) => walk(child)) : [])];
}

/** The nodes that GitHub's Markdown has, in order. */
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
