// Grants are what entities mean: who can do what, where, and through which paths.

/** One way a grant comes about. Names are display names; a direct assignment has no group. */
export interface Path {
  readonly group?: string;
  readonly role?: string;
  /** What this path gives, where that is less than the grant's level: what would be left without the others. */
  readonly level?: string;
}

export interface Grant {
  readonly resource: string;
  /** An environment's name, or `organization` for what has no environment. */
  readonly scope: string;
  readonly level: string;
  /** Every path that gives this or a lower level of the resource in the scope; sorted by group, then role. */
  readonly via: readonly Path[];
}

/** How one person's level on one resource in one scope moves. `null` is no access. */
export interface AccessChange {
  readonly resource: string;
  readonly scope: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Paths that give the level afterwards; for a full loss, the paths that gave it before. */
  readonly via: readonly Path[];
}

/** People whose access moves in exactly the same way, so that a change for 500 people is one line. */
export interface AccessGroup {
  /** Display addresses, sorted. */
  readonly members: readonly string[];
  /** Sorted by resource, then scope; never empty. */
  readonly changes: readonly AccessChange[];
  readonly gains: boolean;
  readonly loses: boolean;
}
