// What the parts of the map of an account share: where everything is, what the target shows, and how an entity is made. Pure.
import type { Attributes, Entity } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import { canonicalText, inconsistent } from "../rules/rows.ts";
import { fold } from "./catalogue.ts";
import type { Places } from "./places.ts";

/** What the parts of the map share. */
export interface Mapping extends Places {
  /** Whether a workspace is part of the target. */
  readonly shows: (workspaceId: string) => boolean;
  readonly findings: Finding[];
}

/** The finding about rows whose container is not in its list. */
export function lostRows(what: string, count: number): Finding {
  const container = what.slice(what.lastIndexOf(" ") + 1);
  return inconsistent(`There are ${count} ${what} that are not in the platform's list of ${container}`);
}

/** Literals rather than spreads where there may be many. */
export function managed(kind: string, name: string, attributes: Attributes, id: string, version: string): Entity {
  return { kind, section: kind, local: fold(name), name, attributes, id, version };
}

/** A text that is empty is an absent attribute, where files cannot say "empty". */
export function text<Name extends string>(name: Name, value: string): { readonly [key in Name]?: string } {
  const canonical = canonicalText(value);
  return canonical === "" ? {} : ({ [name]: canonical } as { readonly [key in Name]?: string });
}
