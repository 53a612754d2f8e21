// From what is declared, live and on record to one line for each key: how old it is, who answers for it, when it is to be replaced,
// and what there is to do. It judges by the time it is given, and knows no platform.
import type { Entity, Section } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { KeyLine, KeyStanding } from "../model/key-lines.ts";
import { type KeyRow, type KeysSpec, rotationDays } from "../model/keys.ts";
import type { KindSpec, Platform } from "../model/platform.ts";
import type { Rotation } from "../model/rotation.ts";

export interface KeyFacts {
  readonly platform: Pick<Platform, "fold">;
  readonly kind: KindSpec & { readonly keys: KeysSpec };
  /** Declared entities of the kind. */
  readonly declared: Iterable<Entity>;
  /** Every row that the platform lists. */
  readonly rows: readonly KeyRow[];
  /** The target's members, live. */
  readonly members: Section;
  /** Those that have not ended. */
  readonly rotations: readonly Rotation[];
  readonly now: Date;
  /** Days before a rotation that it is due. */
  readonly warnDays: number;
}

const DAY_MS = 86_400_000;

/** Every live key, and every declared one that is not live; sorted by name, then by when it was made. */
export function keyLines(facts: KeyFacts): KeyLine[] {
  const { fold } = facts.platform;
  const declared = new Map([...facts.declared].map((entity) => [fold(entity.name), entity]));
  const live = new Map<string, KeyRow[]>();
  for (const row of facts.rows)
    if (row.revokedAt === undefined) live.set(fold(row.name), [...(live.get(fold(row.name)) ?? []), row]);
  const names = [...new Set([...declared.keys(), ...live.keys()])].sort(compareText);
  return names.flatMap((name) => {
    const entity = declared.get(name);
    const rows = (live.get(name) ?? []).sort((left, right) => Date.parse(left.createdAt) - Date.parse(right.createdAt));
    const rotation = facts.rotations.findLast((one) => fold(one.name) === name && one.purpose !== "revocation");
    const around = { entity, rotation, count: rows.length };
    return rows.length > 0 ? rows.map((row) => lineOf(facts, row, around)) : [lineOf(facts, undefined, around)];
  });
}

/** What there is of a name besides the row. */
interface Around {
  readonly entity: Entity | undefined;
  readonly rotation: Rotation | undefined;
  readonly count: number;
}

function lineOf(facts: KeyFacts, row: KeyRow | undefined, around: Around): KeyLine {
  const { kind, now } = facts;
  const { entity, rotation } = around;
  const name = row?.name ?? entity?.name ?? "";
  const source = row?.attributes ?? entity?.attributes ?? {};
  const owner = textOf(source[kind.keys.owner]);
  const every = textOf(entity?.attributes[kind.keys.rotateEvery]);
  const days = every === undefined ? undefined : rotationDays(every);
  const made = row === undefined ? undefined : Date.parse(row.createdAt);
  const rotateAt = made === undefined || days === undefined ? undefined : made + days * DAY_MS;
  return {
    name,
    scope: kind.keys.scopeOf(name),
    uses: usesOf(kind, source),
    owner,
    ownerThere: owner === undefined ? undefined : facts.members.has(facts.platform.fold(owner)),
    id: row?.id,
    lastFour: row?.lastFour,
    fingerprint: row?.fingerprint,
    createdAt: row?.createdAt,
    ageDays: made === undefined ? undefined : Math.max(0, Math.floor((now.getTime() - made) / DAY_MS)),
    lastUsedAt: row?.lastUsedAt,
    expiresAt: row?.expiresAt,
    rotateAt: rotateAt === undefined ? undefined : new Date(rotateAt).toISOString(),
    standing: standingOf(facts, row, around, rotateAt),
    graceUntil: rotation && graceUntil(rotation),
  };
}

function standingOf(
  facts: KeyFacts,
  row: KeyRow | undefined,
  around: Around,
  rotateAt: number | undefined,
): KeyStanding {
  const now = facts.now.getTime();
  if (around.rotation) return "rotating";
  if (row === undefined) return "missing";
  if (row.expiresAt !== undefined && Date.parse(row.expiresAt) <= now) return "expired";
  if (around.count > 1) return "several";
  if (around.entity === undefined) return "undeclared";
  if (rotateAt === undefined || rotateAt - facts.warnDays * DAY_MS > now) return "ok";
  return rotateAt <= now ? "overdue" : "due";
}

/** What a key is for: what its kind says of it besides who answers for it and how long it lasts. */
function usesOf({ attributes, keys }: KeyFacts["kind"], values: Entity["attributes"]): Record<string, string> {
  const names = Object.keys(attributes).filter((name) => !attributes[name]?.policyOnly && name !== keys.owner);
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = textOf(values[name]);
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function graceUntil({ attempts, graceSeconds }: Rotation): string | undefined {
  const verified = attempts.at(-1)?.verified;
  return verified && new Date(Date.parse(verified.at) + graceSeconds * 1000).toISOString();
}
