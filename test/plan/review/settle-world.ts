// Targets of every platform as files, their access taken apart into a roster's entries, and what decisions must lead to, worked out
// without the solver: cell by cell and moment by moment.
import type fc from "fast-check";
import type { CampaignStart, Decision, RosterEntry } from "../../../src/model/campaign.ts";
import type { Edit, FileText } from "../../../src/model/edit.ts";
import { type Entity, entityAt, groupOfSection, type State, stateOf } from "../../../src/model/entity.ts";
import { GROUP, MEMBER, type Platform, resourcesOf } from "../../../src/model/platform.ts";
import type { Target } from "../../../src/model/settings.ts";
import { splitEnded } from "../../../src/plan/expire.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { workspaceOf } from "../../../src/platform/atomyx/names.ts";
import { atomyx } from "../../../src/platform/atomyx/platform.ts";
import { keystone } from "../../../src/platform/keystone/platform.ts";
import { editFiles } from "../../../src/policy/edit.ts";
import { parseFile } from "../../../src/policy/parse.ts";
import { resolvePolicies } from "../../../src/policy/resolve.ts";
import { renderEntities } from "../../../src/policy/write.ts";
import { withDefaults } from "../../../src/run/desired.ts";
import { type Account, account, openAccount, stateOfAccount } from "../../support/account.ts";
import { domain, openDomain, stateOfDomain } from "../../support/keystone.ts";
import { openTarget, organization, stateOfOrganization } from "../../support/organization.ts";

export const NOW = new Date("2026-06-15T12:00:00Z");
export const UNTILS = ["2026-07-31", "2026-09-30", "2026-12-31T17:00:00Z"];

export interface SettleWorld {
  readonly platform: Platform;
  readonly target: Target;
  readonly states: fc.Arbitrary<State>;
  readonly levels: readonly string[];
}

export const WORLDS: readonly SettleWorld[] = [
  {
    platform: atomic,
    target: openTarget({ name: "acme" }),
    states: organization.map((some) => withParts(stateOfOrganization(some), atomic)),
    levels: ["view", "edit", "use", "none such"],
  },
  {
    platform: keystone,
    target: openDomain({ name: "acme" }),
    states: domain.map((some) => withParts(stateOfDomain(some), keystone)),
    levels: ["granted", "none such"],
  },
  {
    platform: atomyx,
    target: openAccount({ name: "acme" }),
    states: account.map((some) => withParts(stateOfAccount(withPlaces(some)), atomyx)),
    levels: ["granted", "none such"],
  },
];

/** Everybody is in the workspaces of their groups. */
function withPlaces(some: Account): Account {
  const places = (member: string) =>
    Object.entries(some.groups).flatMap(([name, { members }]) => (members.includes(member) ? [workspaceOf(name)] : []));
  const members = Object.entries(some.members).map(([name, member]) => {
    const known = new Set(member.workspaces.map(({ workspace }) => workspace));
    const more = [...new Set(places(name))].filter((workspace) => !known.has(workspace));
    return [
      name,
      { ...member, workspaces: [...member.workspaces, ...more.map((workspace) => ({ workspace, role: "Member" }))] },
    ];
  });
  return { ...some, members: Object.fromEntries(members) };
}

/** With a group beside each that gives one element of what it gives, and nobody in it. */
function withParts(state: State, platform: Platform): State {
  const parts = [...(state.get(GROUP)?.values() ?? [])].flatMap((group) =>
    ["roles", "grants"].flatMap((attribute) => {
      const value = group.attributes[attribute];
      if (!Array.isArray(value)) return [];
      return value.map((element: string, index): Entity => {
        const name = `${group.name} ${index}`;
        return {
          ...group,
          name,
          local: platform.fold(name),
          attributes: { ...group.attributes, [attribute]: [element] },
        };
      });
    }),
  );
  return stateOf([...[...state.values()].flatMap((section) => [...section.values()]), ...parts]);
}

/** A state as a file, some of its memberships with an end. */
export function filesOf(state: State, platform: Platform, ends: readonly (string | undefined)[]): FileText[] {
  const entities: Entity[] = [];
  let index = 0;
  for (const [section, held] of state)
    for (const entity of held.values()) {
      const until = groupOfSection(section) === undefined ? undefined : ends[index++ % Math.max(1, ends.length)];
      entities.push(until === undefined ? entity : { ...entity, attributes: { ...entity.attributes, until } });
    }
  return [{ path: "acme/all.yaml", bytes: new TextEncoder().encode(renderEntities(entities, platform)) }];
}

export function readFiles(files: readonly FileText[], { platform, target }: Pick<SettleWorld, "platform" | "target">) {
  const parsed = files.map(({ path, bytes }) => parseFile(path, bytes, platform.name));
  const { state, findings } = resolvePolicies({ target, files: parsed, now: NOW }, platform);
  const errors = [...parsed.flatMap((file) => file.findings), ...findings].filter(
    ({ severity, code }) => severity === "error" && !code.startsWith("unknown-"),
  );
  return { state: withDefaults(state, platform), errors };
}

/** The files after edits; throws what the editor refuses. */
export function edited(files: readonly FileText[], edits: readonly Edit[], platform: Platform): FileText[] {
  let now = [...files];
  for (const edit of edits) {
    const result = editFiles(now, "acme", platform, edit);
    if (result.kind === "refused") throw new Error(`${JSON.stringify(edit)}: ${result.reason}`);
    const changed = new Map(result.files.map(({ path, bytes }) => [path, bytes]));
    now = [
      ...now.filter(({ path }) => !changed.has(path)),
      ...[...changed].flatMap(([path, bytes]) => (bytes ? [{ path, bytes }] : [])),
    ];
  }
  return now;
}

/** Everything that is held at a moment: `member\nresource\nscope` -> level. */
export function heldAt(state: State, { platform, target }: SettleWorld, moment: Date): Map<string, string> {
  const view = platform.access(splitEnded(state, moment, target.timeZone).active);
  const held = new Map<string, string>();
  for (const member of view.members())
    for (const { resource, scope, level } of view.grantsOf(member)) held.set(`${member}\n${resource}\n${scope}`, level);
  return held;
}

/** A roster of everything there is. */
export function rosterOf(state: State, { platform, target }: SettleWorld) {
  const view = platform.access(splitEnded(state, NOW, target.timeZone).active);
  const entries = new Map<string, RosterEntry & { rows: string[] }>();
  const rows: CampaignStart["rows"][number][] = [];
  for (const member of view.members())
    for (const { resource, scope, level, via } of view.grantsOf(member)) {
      const groups = sorted(via.map(({ group }) => group));
      const roles = sorted(via.map(({ group, role }) => (group === undefined ? role : undefined)));
      const key = JSON.stringify([member, groups, roles]);
      const name = entityAt(state, MEMBER, member)?.name ?? member;
      const id = `${member}\n${resource}\n${scope}`;
      rows.push({ id, target: target.name, member: name, resource, scope, level });
      const known = entries.get(key);
      if (known) known.rows.push(id);
      else
        entries.set(key, {
          ...{ id: `e${entries.size}`, target: target.name, member: name, groups, roles, rows: [id], gives: [] },
          ...{ risk: "low", recommendation: { decision: "keep" }, because: "", reviewer: "", barred: [] },
        });
    }
  return { entries: [...entries.values()], rows };
}

function sorted(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

export function decisionFrom(choice: number, { levels }: SettleWorld): Decision {
  const kind = choice % 7;
  if (kind < 2) return { decision: "revoke" };
  if (kind === 2) return { decision: "reduce", level: levels[(choice >> 3) % levels.length] as string };
  if (kind === 3) return { decision: "until", until: UNTILS[(choice >> 3) % UNTILS.length] as string };
  return { decision: "keep" };
}

/** The level that a decision leaves of one that is held at a moment; undefined for nothing. */
export function leftOf(
  level: string | undefined,
  resource: string,
  decision: Decision | undefined,
  isOver: boolean,
  state: State,
  platform: Platform,
): string | undefined {
  if (level === undefined || !decision || decision.decision === "keep") return level;
  if (decision.decision === "revoke") return undefined;
  if (decision.decision === "until") return isOver ? undefined : level;
  const all = resourcesOf(platform, state);
  const ladder = all.find(({ name }) => name === resource)?.levels ?? [];
  const isBelow = (one: string) =>
    one === decision.level ||
    all.some(({ levels }) => levels.includes(one) && levels.indexOf(one) < levels.indexOf(decision.level));
  const allowed = ladder.slice(0, ladder.indexOf(level) + 1).filter(isBelow);
  return allowed.at(-1);
}
