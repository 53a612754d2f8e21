// `rolebook fmt`: canonical layout of policy files, comments kept. A file it cannot lay out without
// changing its meaning is left as it is, and said.
import { renameSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Finding } from "../model/finding.ts";
import { formatFile } from "../policy/format.ts";
import { type CommonOptions, type Context, EXIT, type ExitCode } from "./context.ts";
import { showFindings } from "./show-findings.ts";
import { chooseTargets, driverOf, openWorkspace } from "./workspace.ts";

export interface FormatOptions extends CommonOptions {
  /** Change nothing; exit 1 when a file is not laid out canonically. */
  readonly check: boolean;
}

/** Runs `fmt` over the files of the chosen targets. */
export async function runFormat(context: Context, options: FormatOptions): Promise<ExitCode> {
  const workspace = await openWorkspace(context, options, { git: false });
  const findings: Finding[] = [];
  const moved: string[] = [];
  for (const target of chooseTargets(workspace.policies, options.target)) {
    const { platform } = driverOf(target);
    for (const { path, read } of workspace.source.files) {
      if (!path.startsWith(`${target.name}/`)) continue;
      const shown = `${workspace.shown}/${path}`;
      const text = decode(read());
      if (text === undefined) continue;
      const formatted = formatFile(shown, text, platform);
      findings.push(...formatted.findings);
      if (formatted.text === text) continue;
      moved.push(shown);
      if (!options.check) replaceFile(resolve(context.cwd, options.policies, path), formatted.text);
    }
  }
  for (const file of moved) context.out(`${file}\n`);
  const trouble = [...workspace.policies.findings, ...findings].filter(({ severity }) => severity === "error");
  if (trouble.length > 0) showFindings({ ...context, out: context.err }, trouble, { strict: false, format: "human" });
  return trouble.length > 0 || (options.check && moved.length > 0) ? EXIT.refused : EXIT.done;
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
