// Reports of reviews to look at: a made-up firm of any size, the same for the same numbers. Its people, groups and roles hang together:
// who is in a group holds what the group's roles give in its scopes, and each figure is a count of what is there.
import { createHash } from "node:crypto";
import type {
  Provenance,
  ReviewCount,
  ReviewFigures,
  ReviewKey,
  ReviewPath,
  ReviewPerson,
  ReviewReport,
  ReviewRow,
  ReviewTarget,
  RiskCode,
  RiskLevel,
  RowChange,
  TrendPoint,
} from "../../src/model/review.ts";
import { HOSTILE_NAMES } from "../report/hostile.ts";

export interface SampleSize {
  readonly people: number;
  readonly groups: number;
  readonly resources: number;
  /** A name instead of the made-up one: of a person, a group, a role, a resource or a scope. */
  readonly rename?: (name: string) => string;
}

export const SMALL: SampleSize = { people: 48, groups: 14, resources: 9 };
/** More than a hundred thousand grants. */
export const LARGE: SampleSize = { people: 1850, groups: 120, resources: 22 };

const NOW = "2026-10-01T06:00:00.000Z";
const DAY = 86_400_000;
const LADDER = ["view", "edit", "publish", "admin"] as const;
const FIRST = "Ana Bo Chen Dana Eli Fatima Goro Hana Ivan Jun Kofi Lena Mei Noor Omar Priya Quinn Rosa Sven Tara".split(
  " ",
);
const LAST =
  "Abe Brandt Castro Diallo Eriksen Fujii Garcia Haddad Ito Jensen Kovac Lopez Moreau Novak Okafor Petrov".split(" ");
const TEAMS =
  "Platform Payments Card Ledger Risk Support Mobile Web Data Fraud Treasury Partner Onboarding Identity".split(" ");
const WORK = "readers editors publishers creators admins on-call".split(" ");
const THINGS =
  "Card template,Payment rule,Ledger account,Fraud model,Customer record,Report,Theme,Webhook,Audit log".split(",");

/** A generator of numbers from 0 to 1 that begins anew for each report. */
function chanceFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Firm {
  readonly targets: readonly ReviewTarget[];
  readonly groups: readonly FirmGroup[];
  readonly people: readonly FirmPerson[];
}

interface FirmGroup {
  readonly target: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly roles: readonly { readonly name: string; readonly gives: readonly (readonly [string, number])[] }[];
  readonly line: number;
}

interface FirmPerson {
  readonly member: string;
  readonly name: string;
  readonly groups: readonly FirmGroup[];
  readonly lastActive: string | null;
  readonly factor: boolean;
}

function hex(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}

function pick<T>(list: readonly T[], chance: () => number): T {
  return list[Math.floor(chance() * list.length)] as T;
}

function firmOf({ people, groups, resources, rename = (name) => name }: SampleSize): Firm {
  const chance = chanceFrom(people * 7 + groups);
  const things = Array.from({ length: resources }, (_, at) =>
    rename(`${THINGS[at % THINGS.length]}${at < THINGS.length ? "" : ` ${Math.floor(at / THINGS.length) + 1}`}`),
  );
  const targets: ReviewTarget[] = [
    {
      name: rename("acme"),
      platform: "atomic",
      title: "Atomic",
      commit: hex("head", 40),
      scopeWord: "environments",
      scopes: [...["dev", "test", "staging", "production"].map(rename), "organization"],
      tellsActivity: true,
    },
    {
      name: rename("vault"),
      platform: "atomyx",
      title: "Atomyx",
      commit: hex("head", 40),
      scopeWord: "workspaces",
      scopes: ["shared", "restricted"].map(rename),
      tellsActivity: false,
    },
  ];
  const made = Array.from({ length: groups }, (_, at): FirmGroup => {
    const target = (at % 5 === 4 ? targets[1] : targets[0]) as ReviewTarget;
    const work = WORK[at % WORK.length] ?? "";
    const top = work === "admins" ? 3 : at % WORK.length;
    const gives = () =>
      things
        .filter(() => chance() < 0.45)
        .map((thing) => [thing, Math.min(3, Math.floor(chance() * (top + 1)))] as const);
    const name = rename(`${TEAMS[at % TEAMS.length]} ${work}${at < TEAMS.length * WORK.length ? "" : ` ${at}`}`);
    return {
      target: target.name,
      name,
      scopes:
        work === "admins"
          ? target.scopes
          : target.scopes.slice(0, 1 + Math.floor(chance() * (target.scopes.length - 1))),
      roles: [0, 1].slice(0, 1 + (at % 2)).map((role) => ({
        name: rename(`${TEAMS[at % TEAMS.length]} ${["reader", "worker", "lead"][(at + role) % 3]}`),
        gives: gives(),
      })),
      line: 3 + at * 7,
    };
  });
  const named = Array.from({ length: people }, (_, at): FirmPerson => {
    const [first, last] = [
      FIRST[at % FIRST.length] ?? "",
      LAST[(at * 7 + Math.floor(at / FIRST.length)) % LAST.length] ?? "",
    ];
    const number = at < FIRST.length * LAST.length ? "" : String(at);
    const own = made.filter(() => chance() < 2.6 / groups);
    const days = chance() < 0.12 ? 90 + Math.floor(chance() * 300) : Math.floor(chance() * 30);
    return {
      member: rename(`${first}.${last}${number}@acme.example`.toLowerCase()),
      name: rename(`${first} ${last}${number}`),
      groups: own.length > 0 ? own : [pick(made, chance)],
      lastActive: chance() < 0.02 ? null : new Date(Date.parse(NOW) - days * DAY).toISOString(),
      factor: chance() > 0.15,
    };
  });
  return { targets, groups: made, people: named };
}

function provenanceOf(key: string, chance: () => number): Provenance {
  const days = 3 + Math.floor(chance() * 700);
  const emergency = chance() < 0.01;
  const how = chance() < 0.04 ? "unmanaged" : chance() < 0.2 ? "written" : "applied";
  if (how === "unmanaged") return { how, since: null, commit: null, pull: null, author: null, approvers: [] };
  return {
    how,
    since: new Date(Date.parse(NOW) - days * DAY).toISOString(),
    commit: hex(key, 40),
    pull: how === "applied" ? 20 + Math.floor(chance() * 400) : null,
    author: `${pick(FIRST, chance).toLowerCase()}@acme.example`,
    approvers:
      emergency || how === "written"
        ? []
        : [`${pick(FIRST, chance).toLowerCase()}.${pick(LAST, chance).toLowerCase()}@acme.example`],
    ...(emergency ? { emergency } : {}),
  };
}

const WEIGHTS: Readonly<Partial<Record<RiskCode, number>>> = {
  "owner-equivalent": 45,
  "not-in-git": 40,
  outlived: 35,
  dormant: 25,
  "never-active": 25,
  "no-second-factor": 20,
  outlier: 20,
  emergency: 30,
  standing: 8,
};

function riskOf(reasons: readonly (readonly [RiskCode, string])[]): ReviewRow["risk"] {
  const score = Math.min(100, 3 + reasons.reduce((sum, [code]) => sum + (WEIGHTS[code] ?? 5), 0));
  const level: RiskLevel = score >= 75 ? "critical" : score >= 45 ? "high" : score >= 20 ? "medium" : "low";
  return { level, score, reasons: reasons.map(([code, text]) => ({ code, text })) };
}

/** What one person holds on one target, by resource and scope. */
function rowsOf(person: FirmPerson, target: ReviewTarget, chance: () => number): ReviewRow[] {
  const held = new Map<string, { resource: string; scope: string; level: number; paths: ReviewPath[] }>();
  const ends = new Map<string, string>();
  for (const group of person.groups) {
    if (group.target !== target.name) continue;
    const until =
      chance() < 0.08 ? new Date(Date.parse(NOW) + (chance() * 120 - 20) * DAY).toISOString().slice(0, 10) : undefined;
    if (until) ends.set(group.name, until);
    const line = 2 + Math.floor(chance() * 400);
    for (const role of group.roles) {
      const provenance = provenanceOf(`${person.member} ${group.name} ${role.name}`, chance);
      const managed = provenance.how !== "unmanaged";
      for (const [resource, level] of role.gives) {
        const path: ReviewPath = {
          group: group.name,
          role: role.name,
          ...(managed
            ? {
                membershipPlace: { file: `policies/acme/memberships/${group.line}.yaml`, line, column: 5 },
                groupPlace: { file: "policies/acme/groups.yaml", line: group.line, column: 3 },
                rolePlace: { file: "policies/acme/roles.yaml", line: group.line + 2, column: 3 },
              }
            : {}),
          provenance,
          ...(until ? { until, reason: "Covers for somebody on leave" } : {}),
        };
        for (const scope of group.scopes) {
          const key = JSON.stringify([resource, scope]);
          const found = held.get(key) ?? { resource, scope, level, paths: [] };
          found.level = Math.max(found.level, level);
          found.paths.push(path);
          held.set(key, found);
        }
      }
    }
  }
  const owner =
    person.groups.some(({ name, target: on }) => on === target.name && /admins/.test(name)) && person.groups.length > 3;
  return [...held.values()].map(({ resource, scope, level, paths }) => {
    const until = paths.every((path) => path.until)
      ? (paths
          .map((path) => path.until ?? "")
          .sort()
          .at(-1) ?? null)
      : null;
    const unmanaged = paths.every(({ provenance }) => provenance.how === "unmanaged");
    const reasons: [RiskCode, string][] = [];
    if (owner) reasons.push(["owner-equivalent", "Could give themselves anything in this scope"]);
    if (unmanaged) reasons.push(["not-in-git", "No file says it"]);
    if (until && until < NOW) reasons.push(["outlived", `Should have ended on ${until}`]);
    if (target.tellsActivity && person.lastActive === null) reasons.push(["never-active", "Was never active"]);
    else if (target.tellsActivity && Date.parse(NOW) - Date.parse(person.lastActive ?? NOW) > 90 * DAY)
      reasons.push(["dormant", `Not active since ${person.lastActive?.slice(0, 10)}`]);
    if (!person.factor && level === 3) reasons.push(["no-second-factor", "Has no second factor, at the highest level"]);
    if (chance() < 0.015) reasons.push(["outlier", "Nobody else in the same groups holds it"]);
    if (level === 3 && !until) reasons.push(["standing", "At the highest level without an end"]);
    const first = paths[0] as ReviewPath;
    return {
      id: hex(JSON.stringify([target.name, person.member, resource, scope]), 24),
      target: target.name,
      member: person.member,
      resource,
      scope,
      level: LADDER[level] ?? "view",
      strength: (level + 1) / LADDER.length,
      paths,
      provenance: first.provenance,
      until,
      ownerEquivalent: owner,
      exceptions:
        owner && scope === "production"
          ? [
              {
                guardrail: "two-owners",
                reason: "Until the second is there",
                approver: "hana@acme.example",
                until: "2026-12-31",
              },
            ]
          : [],
      drift: unmanaged ? ("extra" as const) : ("none" as const),
      risk: riskOf(reasons),
    };
  });
}

const RANK: readonly RiskLevel[] = ["low", "medium", "high", "critical"];

function peopleOf(firm: Firm, rows: readonly ReviewRow[]): ReviewPerson[] {
  const byPerson = new Map<string, ReviewRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.target, row.member]);
    byPerson.set(key, [...(byPerson.get(key) ?? []), row]);
  }
  const named = new Map(firm.people.map((person) => [person.member, person]));
  return [...byPerson.values()]
    .map((own): ReviewPerson => {
      const { target, member } = own[0] as ReviewRow;
      const person = named.get(member) as FirmPerson;
      const tells = firm.targets.find(({ name }) => name === target)?.tellsActivity;
      return {
        target,
        member,
        name: person.name,
        login: person.name.toLowerCase().replace(/\W/g, "-"),
        ...(tells ? { lastActive: person.lastActive, multiFactor: person.factor } : {}),
        ownerEquivalent: own.some(({ ownerEquivalent }) => ownerEquivalent),
        grants: own.length,
        weight: Math.round(own.reduce((sum, { strength }) => sum + strength, 0) * 100) / 100,
        risk: RANK[Math.max(...own.map(({ risk }) => RANK.indexOf(risk.level)))] ?? "low",
        groups: person.groups
          .filter((group) => group.target === target)
          .map(({ name }) => name)
          .sort(),
      };
    })
    .sort((a, b) => b.weight - a.weight || (a.member < b.member ? -1 : 1));
}

function countsOf(rows: readonly ReviewRow[], namesOf: (row: ReviewRow) => readonly string[]): ReviewCount[] {
  const found = new Map<string, ReviewRow[]>();
  for (const row of rows)
    for (const name of new Set(namesOf(row))) {
      const key = JSON.stringify([row.target, name]);
      const list = found.get(key) ?? [];
      list.push(row);
      found.set(key, list);
    }
  return [...found]
    .map(([key, own]): ReviewCount => {
      const [target, name] = JSON.parse(key) as [string, string];
      return {
        target,
        name,
        people: new Set(own.map(({ member }) => member)).size,
        grants: own.length,
        ownerEquivalent: new Set(own.filter(({ ownerEquivalent }) => ownerEquivalent).map(({ member }) => member)).size,
        highRisk: own.filter(({ risk }) => risk.score >= 45).length,
      };
    })
    .sort((a, b) => (a.target < b.target || (a.target === b.target && a.name < b.name) ? -1 : 1));
}

function figuresOf(rows: readonly ReviewRow[], people: readonly ReviewPerson[], keys: number): ReviewFigures {
  const having = (...codes: readonly RiskCode[]) =>
    rows.filter(({ risk }) => risk.reasons.some(({ code }) => codes.includes(code)));
  return {
    people: people.length,
    grants: rows.length,
    ownerEquivalent: people.filter(({ ownerEquivalent }) => ownerEquivalent).length,
    dormant: new Set(having("dormant", "never-active").map(({ member }) => member)).size,
    outliers: having("outlier").length,
    outlived: having("outlived").length,
    notInGit: rows.filter(({ drift }) => drift !== "none").length,
    highRisk: rows.filter(({ risk }) => risk.score >= 45).length,
    keys,
  };
}

function keysOf(targets: readonly ReviewTarget[], chance: () => number): ReviewKey[] {
  return ["ci-deployer", "nightly-export", "statement-renderer", "legacy-importer", "monitoring"].map((name, at) => {
    const age = [12, 71, 133, 802, 4][at] ?? 1;
    return {
      target: targets[1]?.name ?? "",
      name,
      owner: name === "legacy-importer" ? null : `${pick(FIRST, chance).toLowerCase()}@acme.example`,
      scope: at % 2 === 0 ? "shared" : null,
      createdAt: new Date(Date.parse(NOW) - age * DAY).toISOString(),
      lastUsedAt: at === 3 ? null : new Date(Date.parse(NOW) - at * DAY).toISOString(),
      expiresAt: at === 2 ? "2026-11-15T00:00:00.000Z" : null,
      ageDays: age,
      concerns:
        at === 3
          ? ["no owner", "older than its rotation of 90 days", "never used"]
          : at === 2
            ? ["older than its rotation of 90 days"]
            : [],
    };
  });
}

function trendsOf(figures: ReviewFigures): TrendPoint[] {
  const names = Object.keys(figures) as (keyof ReviewFigures)[];
  return ["2025-07-01", "2025-10-01", "2026-01-01", "2026-04-01", "2026-07-01"].map((date, at) => ({
    review: `quarterly-${date}`,
    at: `${date}T06:00:00.000Z`,
    revoked: 40 - at * 6,
    figures: Object.fromEntries(
      names.map((name, index) => [
        name,
        Math.round(
          figures[name] *
            (name === "people" || name === "grants" ? 0.7 + at * 0.055 : 1.9 - at * 0.17 + ((index + at) % 3) * 0.12),
        ),
      ]),
    ) as unknown as ReviewFigures,
  }));
}

function changesOf(rows: readonly ReviewRow[]): RowChange[] {
  return rows
    .filter((_, at) => at % Math.max(7, Math.floor(rows.length / 120)) === 3)
    .map(({ id, target, member, resource, scope, level }, at) => {
      const [before, after] = at % 3 === 0 ? [null, level] : at % 3 === 1 ? [level, null] : ["view", level];
      return { id, target, member, resource, scope, before, after };
    })
    .filter(({ before, after }) => before !== after);
}

/** A report of a firm of that size. */
export function sampleReview(size: SampleSize = SMALL): ReviewReport {
  const firm = firmOf(size);
  const chance = chanceFrom(size.people);
  const rows = firm.people
    .flatMap((person) => firm.targets.flatMap((target) => rowsOf(person, target, chance)))
    .sort((a, b) => b.risk.score - a.risk.score || (a.member < b.member ? -1 : a.member > b.member ? 1 : 0));
  const people = peopleOf(firm, rows);
  const keys = keysOf(firm.targets, chance);
  const figures = figuresOf(rows, people, keys.length);
  return {
    version: 1,
    at: NOW,
    source: "live",
    tool: "rolebook 0.1.0",
    repository: { url: "https://git.example/acme/access", folder: "" },
    targets: firm.targets,
    rows,
    people,
    keys,
    groups: countsOf(rows, ({ paths }) => paths.flatMap(({ group }) => group ?? [])),
    scopes: countsOf(rows, ({ scope }) => [scope]),
    changes: { review: "quarterly-2026-07-01", at: "2026-07-01T06:00:00.000Z", rows: changesOf(rows) },
    trends: trendsOf(figures),
    figures,
    findings: [
      {
        severity: "warning",
        code: "review-not-live",
        message: "The second factor of 3 people is not told by the platform",
        hint: "Give the token the right to read the members' security settings",
      },
    ],
  };
}

/** A small report in which every name of people, groups, resources, scopes and targets is one of those that try to be more. */
export function hostileReview(): ReviewReport {
  const taken = new Map<string, string>();
  const rename = (name: string) => {
    const known = taken.get(name) ?? `${HOSTILE_NAMES[taken.size % HOSTILE_NAMES.length]}${taken.size}`;
    taken.set(name, known);
    return known;
  };
  const report = sampleReview({ people: 40, groups: 20, resources: 12, rename });
  return {
    ...report,
    repository: { url: "javascript:alert(1)//", folder: "" },
    tool: HOSTILE_NAMES[19] ?? "",
    findings: HOSTILE_NAMES.map((message) => ({
      severity: "warning",
      code: "x",
      message,
      hint: message,
      key: message,
    })),
    changes: report.changes && { ...report.changes, review: rename("review") },
    keys: report.keys.map((key) => ({ ...key, name: rename(key.name), concerns: [rename("concern")] })),
  };
}
