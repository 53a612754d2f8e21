// What the scopes of a token say of the credential it is for. Pure: nothing is found out by trying.
import type { Rights } from "../../model/driver.ts";

/** Which scopes write, and which one is known to give nothing but reading. */
export interface ScopeMeanings {
  readonly writes: readonly string[];
  readonly reads: string;
}

/** `scopes` is undefined when the platform does not tell them. */
export function rightsByScopes(scopes: readonly string[] | undefined, { writes, reads }: ScopeMeanings): Rights {
  if (scopes === undefined) return { writes: undefined, because: "the platform does not say which scopes it has" };
  const because = scopes.length === 0 ? "it has no scope" : `it has the scopes ${[...scopes].sort().join(", ")}`;
  if (scopes.some((scope) => writes.includes(scope))) return { writes: true, because };
  return { writes: scopes.every((scope) => scope === reads) ? false : undefined, because };
}
