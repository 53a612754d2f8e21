// `rolebook import`: files for what is live and not declared yet. Only ever adds files, never touches one
// that is there, and leaves out what every target comes with while it is unchanged.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { LiveRead } from "../model/driver.ts";
import { EMPTY_SECTION, type Entity, groupOfSection, MEMBERSHIP, type State } from "../model/entity.ts";
import { compareText, type Place } from "../model/finding.ts";
import { GROUP, type KindSpec, MEMBER, type Platform, scopesOf } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { sameAttributes } from "../plan/leaves.ts";
import { slug } from "../policy/file-names.ts";
import { renderEntities } from "../policy/write.ts";
import { type CommonOptions, type Context, EXIT, type ExitCode, OperatorError } from "./context.ts";
import { desiredState } from "./desired.ts";
import { attempt, exitWith, type Failure, isFailure, tellFailures } from "./failures.ts";
import { readLive } from "./live.ts";
import { openProgress } from "./progress.ts";
import { schemaFolder } from "./schema-files.ts";
import { showFindings } from "./show-findings.ts";
import { chooseTargets, driverOf, hasErrors, openWorkspace } from "./workspace.ts";

/** People of one file, at about 100 bytes each: well below what one file may hold. */
const MEMBERS_PER_FILE = 2000;

/** Runs `import` for the chosen targets. */
export async function runImport(context: Context, options: CommonOptions): Promise<ExitCode> {
  const workspace = await openWorkspace(context, options, { git: false });
  const targets = chooseTargets(workspace.policies, options.target);
  if (targets.length === 0)
    return showFindings({ ...context, out: context.err }, workspace.policies.findings, {
      strict: true,
      format: "human",
    });
  const now = context.now();
  const imports = targets.map((target) => ({ target, desired: desiredState(workspace, target, now) }));
  const findings = [...workspace.policies.findings, ...imports.flatMap(({ desired }) => desired.findings)];
  if (hasErrors(findings))
    return showFindings({ ...context, out: context.err }, findings, { strict: false, format: "human" });
  const progress = openProgress(context, "Reading");
  const readings = imports.map((one) => ({
    ...one,
    reading: readLive(context, one.target, { progress: progress.update }),
  }));
  const failures: Failure[] = [];
  try {
    for (const { target, desired, reading } of readings) {
      const result = await attempt(target.name, async () =>
        importTarget(context, options, target, desired.state, await reading),
      );
      if (isFailure(result)) failures.push(result);
    }
  } finally {
    progress.stop();
  }
  tellFailures(context, failures, targets.length);
  return exitWith([EXIT.done], failures);
}

/** Writes what is not declared yet; nothing at all when the read leaves doubts. */
function importTarget(context: Context, options: CommonOptions, target: Target, desired: State, live: LiveRead): void {
  if (hasErrors(live.findings)) {
    showFindings({ ...context, out: context.err }, live.findings, { strict: false, format: "human" });
    throw new OperatorError(
      `${target.name} could not be read reliably, so nothing was written`,
      "Try again when the platform is calm.",
    );
  }
  const { platform } = driverOf(target);
  const folder = resolve(context.cwd, options.policies, target.name);
  const written = writeFiles(folder, undeclared(live.state, desired, platform, target), live.state, platform);
  for (const file of written) context.out(`${options.policies}/${target.name}/${file}\n`);
  hintEnvironments(context, target, live.state);
  context.err(
    `${target.name}: ${written.length === 0 ? "everything live is declared already" : `${written.length} files written. Look through them, commit, then \`rolebook apply\` records them as the base`}.\n`,
  );
}

function hintEnvironments(context: Context, target: Target, live: State): void {
  const names = scopesOf(driverOf(target).platform, live);
  if (target.environments !== undefined || names.length === 0) return;
  context.err(
    `${target.name}: add \`environments: [${names.join(", ")}]\` to its settings, so that files can be checked without the platform.\n`,
  );
}

/** What is live, managed by nobody's file, and not simply what every target comes with. */
function undeclared(live: State, desired: State, platform: Platform, { place }: Target): Entity[] {
  const entities: Entity[] = [];
  for (const [section, entries] of live) {
    const spec = specOf(platform, section);
    if (spec?.role !== "managed") continue;
    const declared = desired.get(section) ?? EMPTY_SECTION;
    const defaults = platform.defaults.get(section) ?? EMPTY_SECTION;
    for (const [local, entity] of entries) {
      const known = defaults.get(local);
      // What only the settings name is known, and not described by any file yet.
      const isWritten =
        declared.has(local) && !(section === platform.scopeKind && samePlace(declared.get(local)?.place, place));
      if (isWritten || (known && sameAttributes(spec, known.attributes, entity.attributes, platform.fold))) continue;
      entities.push(entity);
    }
  }
  return entities;
}

function samePlace(one: Place | undefined, other: Place): boolean {
  return one?.file === other.file && one.line === other.line && one.column === other.column;
}

function specOf(platform: Platform, section: string): KindSpec | undefined {
  const kind = groupOfSection(section) === undefined ? section : MEMBERSHIP;
  return platform.kinds.find((spec) => spec.kind === kind);
}

/** A file for each role, group and group's memberships; people together, some thousands a file. */
function writeFiles(folder: string, entities: readonly Entity[], live: State, platform: Platform): string[] {
  const bySpec = new Map<KindSpec, Entity[]>();
  for (const entity of entities) {
    const spec = specOf(platform, entity.section);
    if (!spec) continue;
    const list = bySpec.get(spec);
    if (list) list.push(entity);
    else bySpec.set(spec, [entity]);
  }
  const groupNames = new Map([...(live.get(GROUP)?.values() ?? [])].map(({ local, name }) => [local, name]));
  const written: string[] = [];
  for (const [spec, list] of bySpec) {
    list.sort((a, b) => compareText(a.section, b.section) || compareText(a.local, b.local));
    for (const { name, part } of filesOf(spec, list, live)) {
      const path = freeName(folder, `${spec.folder}/${name}`);
      const file = resolve(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      const schemas = schemaFolder(file, platform.name);
      writeFileSync(
        file,
        renderEntities(part, platform, { groupNames, ...(schemas === undefined ? {} : { schemas }) }),
        { flag: "wx" },
      );
      written.push(path);
    }
  }
  return written.sort(compareText);
}

function* filesOf(
  spec: KindSpec,
  entities: readonly Entity[],
  live: State,
): Iterable<{ name: string; part: readonly Entity[] }> {
  if (spec.kind === MEMBER) {
    for (let start = 0; start < entities.length; start += MEMBERS_PER_FILE)
      yield {
        name:
          entities.length <= MEMBERS_PER_FILE
            ? "members"
            : `members-${String(start / MEMBERS_PER_FILE + 1).padStart(3, "0")}`,
        part: entities.slice(start, start + MEMBERS_PER_FILE),
      };
    return;
  }
  const bundles = new Map<string, Entity[]>();
  for (const entity of entities) {
    const group = groupOfSection(entity.section);
    const name = slug(group === undefined ? entity.name : (live.get(GROUP)?.get(group)?.name ?? group));
    const key = group === undefined ? `${name}\n${entity.local}` : `${name}\n${group}`;
    const bundle = bundles.get(key);
    if (bundle) bundle.push(entity);
    else bundles.set(key, [entity]);
  }
  for (const [key, part] of bundles) yield { name: key.slice(0, key.indexOf("\n")), part };
}

function freeName(folder: string, base: string): string {
  for (let number = 1; ; number += 1) {
    const path = `${base}${number === 1 ? "" : `-${number}`}.yaml`;
    if (!existsSync(resolve(folder, path))) return path;
  }
}
