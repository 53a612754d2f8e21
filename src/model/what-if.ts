// What would become of people's access if something were not there, or files said something else. Nouns only; `plan` fills them,
// `report` shows them.
import type { PlacedPath } from "./answers.ts";
import type { Finding, Place } from "./finding.ts";

/** Something that would be gone, or would have to name something no more. */
export interface WhatIfEntity {
  readonly kind: string;
  /** As people see it; a membership with the group it is in. */
  readonly name: string;
  /** Where files declare it. */
  readonly place?: Place;
}

/**
 * `lost`: nothing is left. `reduced`: a lower level is left. `kept`: the same level is left, through fewer paths. `raised` and
 * `gained`: more than before, which only an edit of files gives.
 */
export type WhatBecomes = "lost" | "reduced" | "kept" | "raised" | "gained";

/** What becomes of one person's level on one resource in one scope. The memberships' places are the person's (`WhatIfMember`). */
export interface WhatIfOutcome {
  readonly becomes: WhatBecomes;
  readonly resource: string;
  readonly scope: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Paths that would be there no more. */
  readonly gone: readonly PlacedPath[];
  /** Paths that would give it then. */
  readonly left: readonly PlacedPath[];
}

export interface WhatIfMember {
  /** As people see it. */
  readonly member: string;
  /** First and last name; empty when not known. */
  readonly name: string;
  /** The group, or null for what is held directly -> where files say that the person is in it, before or afterwards. */
  readonly memberships: ReadonlyMap<string | null, Place>;
}

/** People to whom the same happens. */
export interface WhatIfGroup {
  /** Sorted by member. */
  readonly members: readonly WhatIfMember[];
  /** Sorted by resource, then scope; never empty. */
  readonly outcomes: readonly WhatIfOutcome[];
  /** They had something, and would have nothing at all. */
  readonly losesEverything: boolean;
}

/** Who could give themselves anything, before and afterwards. */
export interface WhatIfOwners {
  /** Undefined for the whole target. */
  readonly scope: string | undefined;
  readonly before: number;
  readonly after: number;
  /** Members who could no more, as people see them; sorted. */
  readonly lost: readonly string[];
}

/** The answer about one target. */
export interface WhatIf {
  readonly target: string;
  readonly platform: string;
  /** `files`: of the work tree. `live`: of the platform. `edit`: HEAD's files with edits of them. */
  readonly source: "files" | "live" | "edit";
  /** The commit of the files; null outside Git. */
  readonly commit: string | null;
  /** What was asked about and would be gone; empty for an edit. */
  readonly removed: readonly WhatIfEntity[];
  /** What would go along, because it cannot be without; memberships aside. */
  readonly along: readonly WhatIfEntity[];
  /** Memberships that would go along. */
  readonly memberships: number;
  /** What names something that would be gone, and would have to be edited. */
  readonly naming: readonly WhatIfEntity[];
  /** Files that are taken as edited; empty otherwise. */
  readonly edits: readonly string[];
  /** Sorted by first member; those who lose everything come first. */
  readonly people: readonly WhatIfGroup[];
  /** The target as a whole, or every scope with owners of its own in which something changes. */
  readonly owners: readonly WhatIfOwners[];
  /** How many of them there must be, by the settings. */
  readonly minimumOwners: number;
  /** What a plan that did this would say beyond what it says now. */
  readonly findings: readonly Finding[];
  /** A plan that did this would be refused, in whole or in part. */
  readonly refused: boolean;
}
