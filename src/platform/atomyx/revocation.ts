// Taking an API key away: every key that has its name and was not revoked, since while one is replaced there are two, and
// whoever removes the document means both. Revoking is idempotent and cannot be undone, so all of them are looked at first.
import type { Change } from "../../model/change.ts";
import { PlatformError } from "../../model/driver.ts";
import { asCalled, entityOf } from "../http/directory.ts";
import { unlessImpossible } from "../http/failure.ts";
import { APPLIED, type Fate, GONE } from "../http/units.ts";
import { differingFields, stateBody } from "./body.ts";
import { fold } from "./catalogue.ts";
import { isRevoked } from "./live-keys.ts";
import { nameInWorkspace, workspaceOf } from "./names.ts";
import { readRows } from "./reader.ts";
import type { KeyRow } from "./rows.ts";
import { type AtomyxWriting, lookupIn } from "./single.ts";

/** Revokes the keys of one name, the newest last: what is in use is likely to be that one. Throws `PlatformError`. */
export async function revokeKeys(planned: Change, writing: AtomyxWriting): Promise<Fate> {
  const { client, live } = writing;
  const entity = entityOf(planned, live, fold);
  const change = asCalled(planned, entity);
  if (entity?.id === undefined) return { status: "failed", cause: "the live state that was read does not have it" };
  const workspaceId = lookupIn(writing)("Workspace", fold(workspaceOf(entity.name)));
  const { rows, doubts } = await readRows(client, ["api-keys"]);
  if (doubts.length > 0)
    throw new PlatformError("The list of API keys by which this is decided did not come whole", { hint: "Try again." });
  const named = rows["api-keys"].filter(
    (row) =>
      row.workspaceId === workspaceId && fold(row.name) === fold(nameInWorkspace(entity.name) ?? "") && !isRevoked(row),
  );
  if (named.length === 0) return GONE;
  const seen = named.find(({ id }) => id === entity.id);
  const moved = seen ? movedSince(seen, change, writing) : ["the newest key of this name"];
  if (moved.length > 0)
    return { status: "conflict", cause: `it changed on the platform since it was read: ${moved.join(", ")}` };
  for (const { id } of [...named].sort((left, right) => Number(left.id === entity.id) - Number(right.id === entity.id)))
    await client.revokeKey(id);
  return APPLIED;
}

function movedSince(row: KeyRow, { before }: Change, writing: AtomyxWriting): readonly string[] {
  const seen = before ? unlessImpossible(() => stateBody("ApiKey", before, lookupIn(writing))) : undefined;
  return seen ? differingFields(row, seen) : [];
}
