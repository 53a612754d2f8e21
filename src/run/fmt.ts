// `rolebook fmt`: canonical layout of policy files, comments kept, and spans made the ends that they mean. A file it cannot
// lay out without changing its meaning is left as it is, and said.
import { renameSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Finding } from "../model/finding.ts";
import { type FileKinds, formatFile } from "../policy/format.ts";
import type { Clock } from "../policy/memberships.ts";
import { GOVERNANCE } from "../policy/parse.ts";
import { SECRET_IN_FILE } from "../policy/secrets.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "../report/escape.ts";
import { type CommonOptions, type Context, EXIT, type ExitCode } from "./context.ts";
import type { PolicyFile } from "./files.ts";
import { isGoverning, SETTINGS_FILE } from "./load.ts";
import { showFindings } from "./show-findings.ts";
import { chooseTargets, driverOf, openWorkspace, type Workspace } from "./workspace.ts";

export interface FormatOptions extends CommonOptions {
  /** Change nothing; exit 1 when a file is not laid out canonically. */
  readonly check: boolean;
}

/** Runs `fmt` over the files of the chosen targets; without a choice, over what governs all of them too. */
export async function runFormat(context: Context, options: FormatOptions): Promise<ExitCode> {
  const workspace = await openWorkspace(context, options, { git: false });
  const findings: Finding[] = [];
  const withSecret = new Set(
    workspace.policies.findings.flatMap(({ code, place }) => (code === SECRET_IN_FILE && place ? place.file : [])),
  );
  const moved: string[] = [];
  for (const { file, kinds, clock } of filesToFormat(workspace, options, context.now())) {
    const shown = `${workspace.shown}/${file.path}`;
    const text = decode(file.read());
    // A text with a secret in it is not worked on further: its findings would speak of it.
    if (text === undefined || withSecret.has(shown)) continue;
    const formatted = formatFile(shown, text, kinds, clock);
    findings.push(...formatted.findings);
    if (formatted.text === text) continue;
    moved.push(shown);
    if (!options.check) replaceFile(resolve(context.cwd, options.policies, file.path), formatted.text);
  }
  for (const file of moved) context.out(`${escapeTerminal(file, MESSAGE_LENGTH)}\n`);
  const trouble = [...workspace.policies.findings, ...findings].filter(({ severity }) => severity === "error");
  if (trouble.length > 0) showFindings({ ...context, out: context.err }, trouble, { strict: false, format: "human" });
  return trouble.length > 0 || (options.check && moved.length > 0) ? EXIT.refused : EXIT.done;
}

interface FileToFormat {
  readonly file: PolicyFile;
  readonly kinds: FileKinds;
  readonly clock?: Clock;
}

function* filesToFormat(
  { policies, source }: Workspace,
  { target: only }: FormatOptions,
  now: Date,
): Iterable<FileToFormat> {
  for (const target of chooseTargets(policies, only)) {
    const { platform } = driverOf(target);
    const clock = { now, timeZone: target.timeZone };
    for (const file of source.files)
      if (file.path.startsWith(`${target.name}/`) && !isGoverning(file.path)) yield { file, kinds: platform, clock };
  }
  if (only !== undefined) return;
  for (const file of source.files) {
    if (file.path === SETTINGS_FILE) yield { file, kinds: undefined };
    else if (isGoverning(file.path)) yield { file, kinds: GOVERNANCE };
  }
}

/** Undefined for what is not UTF-8: `validate` says where. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whole or not at all, with the mode it had. */
function replaceFile(path: string, text: string): void {
  const fresh = `${path}.${process.pid}.part`;
  writeFileSync(fresh, text, { mode: statSync(path).mode });
  renameSync(fresh, path);
}
