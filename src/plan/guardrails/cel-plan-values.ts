// What `change` and `plan` hold in CEL rules: a plan's changes and what they do to people. Like the other values, made when
// asked for.

import type { Change, Effect } from "../../model/change.ts";
import { type Attributes, groupOfSection } from "../../model/entity.ts";
import { GROUP, MEMBER } from "../../model/platform.ts";
import { joinEffects } from "../changes.ts";
import type { Fields } from "./cel-values.ts";
import type { Ground } from "./ground.ts";

export class CelChange implements Fields<"Change"> {
  readonly #change: Change;

  constructor(change: Change) {
    this.#change = change;
  }

  get action(): string {
    return this.#change.action;
  }

  get kind(): string {
    return this.#change.kind;
  }

  get name(): string {
    return this.#change.name;
  }

  get key(): string {
    return this.#change.key;
  }

  get origin(): string {
    return this.#change.origin;
  }

  get effect(): string {
    return this.#change.effect;
  }

  get member(): string {
    return concernedBy(this.#change).member ?? "";
  }

  get group(): string {
    return concernedBy(this.#change).group ?? "";
  }

  get before(): Attributes {
    return this.#change.before?.attributes ?? {};
  }

  get after(): Attributes {
    return this.#change.after?.attributes ?? {};
  }
}

/** The member and the group that a change is about, by their names. */
export function concernedBy(change: Change): { readonly member?: string; readonly group?: string } {
  const name = (change.after ?? change.before)?.name ?? change.name;
  if (change.kind === MEMBER) return { member: name };
  if (change.kind === GROUP) return { group: name };
  const group = groupOfSection(change.section);
  if (group === undefined) return {};
  const prefix = `${name} in `;
  return { member: name, group: change.name.startsWith(prefix) ? change.name.slice(prefix.length) : group };
}

export class CelPlan implements Fields<"Plan"> {
  readonly changes: readonly CelChange[];
  readonly creates: bigint;
  readonly updates: bigint;
  readonly deletes: bigint;
  readonly gaining: bigint;
  readonly losing: bigint;
  readonly effect: Effect;

  constructor({ changes, access }: NonNullable<Ground["plan"]>) {
    const count = (action: Change["action"]) => BigInt(changes.filter((change) => change.action === action).length);
    const people = (which: "gains" | "loses") =>
      BigInt(access.reduce((sum, group) => sum + (group[which] ? group.members.length : 0), 0));
    this.changes = changes.map((change) => new CelChange(change));
    this.creates = count("create");
    this.updates = count("update");
    this.deletes = count("delete");
    this.gaining = people("gains");
    this.losing = people("loses");
    this.effect = joinEffects(changes);
  }
}
