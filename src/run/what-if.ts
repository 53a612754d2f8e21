// `rolebook what-if`: what people would lose, or keep through another path, if something were not there or files said what an edit of
// them says. It looks and never writes, and asks no platform unless --live.
import { entityAt, keyOf } from "../model/entity.ts";
import type { Finding } from "../model/finding.ts";
import { nearest } from "../model/nearest.ts";
import { scopesOf, scopeWord } from "../model/platform.ts";
import type { Person } from "../model/settings.ts";
import type { WhatIf } from "../model/what-if.ts";
import { displayName } from "../plan/changes.ts";
import { asNamed, type Consequences, consequencesOf, type WhatIfInput } from "../plan/what-if.ts";
import { entitiesCalled, membershipsCalled, removableKinds, type Without, withoutEntities } from "../plan/without.ts";
import type { KnownScopes } from "../report/phrase.ts";
import { type Context, EXIT, type ExitCode, OperatorError, type ResultOptions, UsageError } from "./context.ts";
import { desiredState } from "./desired.ts";
import { exitWith, tellFailures } from "./failures.ts";
import { type Ground, type GroundOptions, inForce, openGrounds } from "./grounds.ts";
import { emit, jsonTogether } from "./output.ts";
import { judgeFor } from "./prepare.ts";
import { showFindings } from "./show-findings.ts";
import { openEdited } from "./what-if-edit.ts";
import { chooseTargets, driverOf, hasErrors, type Workspace } from "./workspace.ts";

export interface WhatIfOptions extends ResultOptions, GroundOptions {
  readonly format: "human" | "json";
  /** Names, each with or without its kind before it. */
  readonly remove: readonly string[];
  /** `MEMBER in GROUP`. */
  readonly membership: readonly string[];
  /** Policy files or folders whose edits are taken as made; with `=FILE` as that file has it. */
  readonly edit: readonly string[];
  readonly full: boolean;
}

/** An answer, and the scopes of the target that it is about. */
interface Answered {
  readonly answer: WhatIf;
  readonly scopes: KnownScopes;
}

/** Runs `what-if`. Exit 1 when nothing is called so, a target cannot be read, or files have errors. */
export async function runWhatIf(context: Context, options: WhatIfOptions): Promise<ExitCode> {
  const asked = [...options.remove, ...options.membership];
  if (asked.length > 0 && options.edit.length > 0)
    throw new UsageError("Either something is removed or files are edited", "Ask twice.");
  if (asked.length === 0 && options.edit.length === 0)
    throw new UsageError(
      "what-if has to be told what would be otherwise",
      'Say it with --remove NAME, --membership "MEMBER in GROUP" or --edit PATH.',
    );
  return options.edit.length > 0 ? ofEdits(context, options) : ofRemovals(context, options);
}

async function ofRemovals(context: Context, options: WhatIfOptions): Promise<ExitCode> {
  const opened = await openGrounds(context, { ...options, git: true });
  if (typeof opened === "number") return opened;
  const { grounds, failures, workspace } = opened;
  const asked = grounds.length + failures.length;
  const answers: Answered[] = [];
  for (const [ground, keys] of grounds.length === 0 ? [] : keysAsked(grounds, options)) {
    const { target, platform, state, declared } = ground;
    const without = withoutEntities(state, keys, platform);
    const consequences = consequencesOf({
      ...(await rulesOf(workspace, options.now ?? context.now(), opened.people)),
      target,
      platform,
      before: { state, declared },
      after: { state: without.state, declared },
    });
    answers.push({
      answer: {
        ...{ target: target.name, platform: platform.name },
        ...{ source: options.live ? "live" : "files", commit: workspace.commit },
        ...namesOf(ground, without),
        memberships: without.memberships,
        edits: [],
        ...consequences,
      },
      scopes: scopesIn(ground),
    });
  }
  if (answers.length > 0) emit(context, options.output, await render(context, answers, options));
  tellFailures(context, failures, asked);
  return exitWith([EXIT.done], failures);
}

/** What is removed, as files declare it where only the platform was asked. */
function namesOf({ state, declared }: Ground, { removed, along, naming }: Without) {
  const named = (entities: Without["removed"]) =>
    entities.map((entity) => {
      const place = entity.place ?? entityAt(declared, entity.section, entity.local)?.place;
      return asNamed({ ...entity, ...(place ? { place } : {}) }, displayName(entity, [state]));
    });
  return { removed: named(removed), along: named(along), naming: named(naming) };
}

async function rulesOf(workspace: Workspace, now: Date, people: readonly Person[]) {
  const { governance } = workspace.policies;
  return { now, governance, people, judge: await judgeFor(governance.guardrails) };
}

function scopesIn({ platform, state }: Pick<Ground, "platform" | "state">): KnownScopes {
  return { environments: scopesOf(platform, state), scopeWord: scopeWord(platform) };
}

/** By target, the keys of everything that was asked about; targets that have nothing of it are left out. */
function keysAsked(grounds: readonly Ground[], { remove, membership }: WhatIfOptions): Map<Ground, Set<string>> {
  const keys = new Map<Ground, Set<string>>();
  const add = (ground: Ground, key: string) => keys.set(ground, (keys.get(ground) ?? new Set()).add(key));
  for (const text of remove) {
    const found = grounds.map((ground) => ({ ground, called: entitiesCalled(text, ground.state, ground.platform) }));
    if (found.every(({ called }) => called.length === 0)) throw nothingCalled(text, grounds);
    for (const { ground, called } of found) {
      const [only, ...others] = called;
      if (only && others.length > 0)
        throw new OperatorError(
          `Several things are called "${text}" on ${ground.target.name}`,
          `Say which: ${called.map(({ kind, name }) => `--remove "${kind.toLowerCase()}:${name}"`).join(" or ")}.`,
        );
      if (only) add(ground, keyOf(only));
    }
  }
  for (const text of membership) {
    const found = grounds.flatMap((ground) =>
      membershipsCalled(text, ground.state, ground.platform).map((entity) => ({ ground, entity })),
    );
    if (found.length === 0)
      throw new OperatorError(
        `There is no membership "${text}"`,
        "It is said as MEMBER in GROUP; `rolebook explain MEMBER` tells somebody's groups.",
      );
    for (const { ground, entity } of found) add(ground, keyOf(entity));
  }
  return keys;
}

function nothingCalled(text: string, grounds: readonly Ground[]): OperatorError {
  const known = grounds.flatMap(({ state, platform }) =>
    removableKinds(platform).flatMap(({ kind }) => [...(state.get(kind)?.values() ?? [])].map(({ name }) => name)),
  );
  const guess = nearest(text.replace(/^\w+:\s*/, ""), known);
  const kinds = new Set(grounds.flatMap(({ platform }) => removableKinds(platform).map(({ kind }) => kind)));
  return new OperatorError(
    `Nothing here is called "${text}"`,
    guess === undefined ? `Looked for: ${[...kinds].join(", ")}.` : `Did you mean "${guess}"?`,
  );
}

async function ofEdits(context: Context, options: WhatIfOptions): Promise<ExitCode> {
  const now = options.now ?? context.now();
  const { head, edited, edits } = await openEdited(context, options, options.edit);
  const findings: Finding[] = [...edited.policies.findings];
  const answers: Answered[] = [];
  const own = editsByTarget(head, edits);
  for (const target of chooseTargets(head.policies, options.target)) {
    if (edits.length > 0 && own(target.name).length === 0) continue;
    const after = edited.policies.settings?.targets.find(({ name }) => name === target.name);
    if (!after || after.platform !== target.platform) {
      if (edited.policies.settings)
        context.err(`Warning: ${target.name} is another target, or none, by these edits.\n`);
      continue;
    }
    const { platform } = driverOf(target);
    const said = desiredState(edited, after, now);
    findings.push(...said.findings);
    const before = inForce(desiredState(head, target, now).state, target, platform, now);
    const states = { before, after: inForce(said.state, after, platform, now) };
    if (hasErrors(findings)) continue;
    const consequences = await consequencesOfEdit(head, edited, { target, after, states, now });
    answers.push({
      answer: {
        ...{ target: target.name, platform: platform.name, source: "edit", commit: head.commit },
        ...{ removed: [], along: [], naming: [], memberships: 0, edits: own(target.name) },
        ...consequences,
      },
      scopes: scopesIn({ platform, state: states.after }),
    });
  }
  if (hasErrors(findings) || answers.length === 0)
    return showFindings({ ...context, out: context.err }, findings, { strict: true, format: "human" });
  emit(context, options.output, await render(context, answers, options));
  return EXIT.done;
}

/** Edits that a target can feel: those in its folder, and those in no target's. */
function editsByTarget(
  { shown, policies }: Workspace,
  edits: readonly string[],
): (target: string) => readonly string[] {
  const folders = (policies.settings?.targets ?? []).map(({ name }) => `${shown}/${name}/`);
  const isGeneral = (file: string) => !folders.some((folder) => file.startsWith(folder));
  return (target) => edits.filter((file) => file.startsWith(`${shown}/${target}/`) || isGeneral(file));
}

interface EditedTarget {
  /** As HEAD has it, and as the edits do. */
  readonly target: WhatIfInput["target"];
  readonly after: WhatIfInput["target"];
  readonly states: { readonly before: Ground["state"]; readonly after: Ground["state"] };
  readonly now: Date;
}

/** HEAD's rules judge as well, as they do on a pull request. */
async function consequencesOfEdit(
  head: Workspace,
  edited: Workspace,
  { target, after, states, now }: EditedTarget,
): Promise<Consequences> {
  const { settings, governance } = head.policies;
  const rules = await rulesOf(edited, now, edited.policies.settings?.people ?? []);
  const { platform } = driverOf(target);
  return consequencesOf({
    ...rules,
    judge: await judgeFor([...governance.guardrails, ...rules.governance.guardrails]),
    target: after,
    platform,
    baseRules: { target, guardrails: governance.guardrails, people: settings?.people ?? [] },
    before: { state: states.before, declared: states.before },
    after: { state: states.after, declared: states.after },
  });
}

async function render(
  { terminal }: Context,
  answers: readonly Answered[],
  { format, output, full }: WhatIfOptions,
): Promise<Iterable<string>> {
  if (format === "json") {
    const { renderWhatIfJson } = await import("../report/what-if-json.ts");
    return jsonTogether(answers.map(({ answer }) => renderWhatIfJson(answer)));
  }
  const { renderWhatIfText } = await import("../report/what-if-text.ts");
  const { width, color } = terminal;
  const look = { color: color && output === undefined, width, full };
  return answers.map(
    ({ answer, scopes }, index) => `${index > 0 ? "\n" : ""}${renderWhatIfText(answer, { ...look, ...scopes })}`,
  );
}
