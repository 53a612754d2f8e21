// What can be owned: a target as a whole, or each of its scopes by itself, where a platform's scopes have owners of their own.
// Pure; says nothing about who must own what.
import type { State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { Grant } from "../model/grant.ts";
import { memo } from "../model/lazy.ts";
import { type Platform, scopesOf } from "../model/platform.ts";

/** Something that has owners. */
export interface Realm {
  /** Undefined is the whole target. */
  readonly scope: string | undefined;
  /** Whether someone with these grants could give themselves anything in it. */
  readonly owns: (grants: readonly Grant[]) => boolean;
}

type Owning = Pick<Platform, "ownerEquivalent" | "ownerScopes" | "scopeKind">;

/** Everything that can be owned in a state; sorted by scope. */
export function realmsOf(platform: Owning, state: State): readonly Realm[] {
  const { ownerEquivalent, ownerScopes } = platform;
  if (!ownerScopes) return [{ scope: undefined, owns: ownerEquivalent }];
  const owned = memo((grants: readonly Grant[]) => new Set(ownerScopes(grants)));
  return [...new Set([...scopesOf(platform, state), "organization"])]
    .sort(compareText)
    .map((scope) => ({ scope, owns: (grants) => owned(grants).has(scope) }));
}

/** Whether someone with these grants could give themselves anything anywhere in a state. */
export function ownsAll(platform: Owning, state: State, grants: readonly Grant[]): boolean {
  if (!platform.ownerEquivalent(grants) || !platform.ownerScopes) return platform.ownerEquivalent(grants);
  const owned = new Set(platform.ownerScopes(grants));
  return scopesOf(platform, state).every((scope) => owned.has(scope));
}
