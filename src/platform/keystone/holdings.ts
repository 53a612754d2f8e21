// What a group, user or role holds as single assignments and implications with ids, which is how Keystone changes them:
// what a set of names comes to, what is there now, and the steps from one to the other. Steps that give come first.
import { PlatformError } from "../../model/driver.ts";
import type { State, Value } from "../../model/entity.ts";
import type { Directory } from "../http/directory.ts";
import { BodyError } from "../http/failure.ts";
import { fold } from "./catalogue.ts";
import type { Client, Listed } from "./client.ts";
import { parseGrant } from "./grants.ts";
import type { AssignmentRow, InferenceRow } from "./rows.ts";
import type { DomainRef } from "./session.ts";

/** What the parts of a writer share. */
export interface Writing {
  readonly client: Client;
  readonly directory: Directory;
  readonly live: State;
  readonly domain: DomainRef;
}

/** One assignment or implication, and how it is made and unmade. Equal keys are equal holdings. */
export interface Holding {
  readonly key: string;
  readonly give: (client: Client) => Promise<unknown>;
  readonly take: (client: Client) => Promise<unknown>;
}

export type Holdings = ReadonlyMap<string, Holding>;

export const NO_HOLDINGS: Holdings = new Map();

/** Who holds: a group or user by grants, a role by what it implies. */
export interface Holder {
  readonly kind: string;
  readonly id: string;
}

/** The attribute that a kind's holdings are under. */
export function holdingsAttribute(kind: string): "grants" | "implies" {
  return kind === "Role" ? "implies" : "grants";
}

/**
 * The holdings that an attribute's value stands for. What names no id is left out with `lenient` (it cannot be there)
 * and a `BodyError` without.
 */
export function holdingsOf(holder: Holder, value: Value | undefined, writing: Writing, lenient: boolean): Holdings {
  const found = new Map<string, Holding>();
  for (const text of Array.isArray(value) ? value : []) {
    try {
      const holding = holder.kind === "Role" ? implicationOf(holder.id, text, writing) : grantOf(holder, text, writing);
      found.set(holding.key, holding);
    } catch (error) {
      if (!lenient || !(error instanceof BodyError)) throw error;
    }
  }
  return found;
}

function idOf(kind: string, name: string, { directory, live }: Writing): string {
  const id = directory.idOf(kind, fold(name), live);
  if (id === undefined) throw new BodyError(`${kind.toLowerCase()} "${name}" is not on the platform`);
  return id;
}

function implicationOf(priorRoleId: string, name: string, writing: Writing): Holding {
  return implication({ priorRoleId, impliedRoleId: idOf("Role", name, writing) });
}

function implication(inference: InferenceRow): Holding {
  return {
    key: inference.impliedRoleId,
    give: (client) => client.imply(inference),
    take: (client) => client.unimply(inference),
  };
}

function grantOf({ kind, id }: Holder, text: string, writing: Writing): Holding {
  const grant = parseGrant(text);
  const actor = { kind: kind === "Group" ? ("group" as const) : ("user" as const), id };
  const scope =
    "project" in grant
      ? { kind: "project" as const, id: idOf("Project", grant.project, writing) }
      : { kind: "domain" as const, id: writing.domain.id };
  const inherited = grant.on === "projects" || grant.on === "below";
  return assignment({ roleId: idOf("Role", grant.role, writing), actor, scope, inherited });
}

function assignment(row: AssignmentRow): Holding {
  const { roleId, scope, inherited } = row;
  return {
    key: `${roleId} ${scope.kind} ${scope.id}${inherited ? " inherited" : ""}`,
    give: (client) => client.grant(row),
    take: (client) => client.revoke(row),
  };
}

/** What there is now. `outside`: the holder has assignments beyond the domain, which Rolebook leaves alone. */
export async function readHoldings(
  holder: Holder,
  { client, domain }: Writing,
): Promise<{ readonly held: Holdings; readonly outside: boolean }> {
  const { kind, id } = holder;
  if (kind === "Role") {
    const rows = complete(await client.inferences()).filter(({ priorRoleId }) => priorRoleId === id);
    return { held: byKey(rows.map(implication)), outside: false };
  }
  const actor = kind === "Group" ? "group" : "user";
  const placed = complete(await client.assignments([`${actor}.id`, id])).filter(
    ({ row }) => row.actor.kind === actor && row.actor.id === id,
  );
  const own = placed.filter(({ scopeDomain }) => scopeDomain === domain.id);
  return { held: byKey(own.map(({ row }) => assignment(row))), outside: own.length < placed.length };
}

/** Nothing is decided by a list that was cut. */
export function complete<Row>({ rows, truncated }: Listed<Row>): readonly Row[] {
  if (!truncated) return rows;
  throw new PlatformError("Keystone cut the list by which this is decided", {
    hint: "Have list_limit raised in keystone.conf.",
  });
}

function byKey(holdings: readonly Holding[]): Holdings {
  return new Map(holdings.map((holding) => [holding.key, holding]));
}

export interface Steps {
  readonly give: readonly Holding[];
  readonly take: readonly Holding[];
}

/** The steps from what there is to `after`; undefined when what there is lies neither at `before` nor on the way. */
export function stepsTo(held: Holdings, before: Holdings, after: Holdings): Steps | undefined {
  const strange = [...held.keys()].some((key) => !before.has(key) && !after.has(key));
  const missing = [...before.keys()].some((key) => after.has(key) && !held.has(key));
  if (strange || missing) return undefined;
  return {
    give: [...after.values()].filter(({ key }) => !held.has(key)),
    take: [...held.values()].filter(({ key }) => !after.has(key)),
  };
}
