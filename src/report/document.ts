// The frame of a page that is sent to people as one file: nothing outside it is ever asked for, and a policy that the file itself
// carries lets no script and no style work but those it came with, byte for byte.
import { createHash } from "node:crypto";
import { DOCUMENT_STYLE } from "./document-style.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "./escape.ts";

export interface DocumentParts {
  readonly title: string;
  /** After the style that all pages share. */
  readonly style?: string;
  /** The page's program; a page without one runs none. */
  readonly script?: string;
}

/** Everything before what the body holds. */
export function openDocument({ title, style = "", script }: DocumentParts): string {
  const sheet = `${DOCUMENT_STYLE}${style}`;
  const shown = escapeHtml(escapeTerminal(title, MESSAGE_LENGTH));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(sheet, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Rolebook">
<title>${shown}</title>
<link rel="icon" href="data:,">
<style>${withoutEnd(sheet, "style")}</style>
</head>
<body>
`;
}

/** Everything after it. */
export function closeDocument({ script }: DocumentParts): string {
  return `${script === undefined ? "" : `<script>${withoutEnd(script, "script")}</script>\n`}</body>\n</html>\n`;
}

/** A JSON value as an element that runs nothing and cannot end before its end. */
export function dataElement(id: string, json: Iterable<string>): Iterable<string> {
  return (function* () {
    yield `<script type="application/json" id="${escapeHtml(id)}">`;
    for (const part of json) yield part.replaceAll("<", "\\u003c");
    yield "</script>\n";
  })();
}

/** Text between tags or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function policyOf(style: string, script: string | undefined): string {
  return [
    "default-src 'none'",
    `style-src '${digestOf(style)}'`,
    `script-src ${script === undefined ? "'none'" : `'${digestOf(script)}'`}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    // Nothing makes markup of a text, in browsers that can promise that.
    ...(script === undefined ? [] : ["require-trusted-types-for 'script'", "trusted-types 'none'"]),
  ].join("; ");
}

function digestOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** What would end its own element is a defect of the build, and not to be mended here: the digest is of these very bytes. */
function withoutEnd(text: string, element: string): string {
  if (text.includes(`</${element}`) || text.includes("<!--") || text.includes("\r"))
    throw new Error(`The page's ${element} would end before its end`);
  return text;
}
