// Makes approved changes in an account, each with a precondition, and says truthfully what became of each: nothing is
// forced, and nobody is told "applied" on hope. Plans nothing and reads only what it must decide by.
import type { Change } from "../../model/change.ts";
import type { Connection, Writer } from "../../model/driver.ts";
import type { Fate } from "../http/units.ts";
import { type Writing, writerOver } from "../http/writer.ts";
import { isMadeElsewhere, MADE_ELSEWHERE } from "./body.ts";
import { fold } from "./catalogue.ts";
import { type Client, openClient } from "./client.ts";
import { limitOf } from "./reader.ts";
import { revokeKeys } from "./revocation.ts";
import { type RoleChanges, roleChanges } from "./roles.ts";
import { type AtomyxWriting, create, edit, isWritable, ownershipIn } from "./single.ts";

/** Opens a writer; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openWriter(connection: Connection): Writer {
  const client = openClient(connection);
  const limited = limitOf(connection) !== undefined;
  return writerOver({ client, fold, maker: (writing) => makerFor(writing, limited), laneOf });
}

/** Keys take a scope of their own: a credential without it may change everything else. */
function laneOf({ kind }: Change): string {
  return kind === "ApiKey" ? "keys" : "";
}

function makerFor(phase: Writing<Client>, limited: boolean): (change: Change) => Promise<Fate> {
  const scoped = { ...phase, limited };
  const writing = { ...scoped, ours: ownershipIn(scoped) };
  const roles = roleChanges(writing);
  return (change) => makeChange(change, roles, writing);
}

async function makeChange(change: Change, roles: RoleChanges, writing: AtomyxWriting): Promise<Fate> {
  const { kind, action } = change;
  if (!isWritable(kind)) return { status: "failed", cause: `${kind} is not something this platform can change` };
  switch (action) {
    case "create":
      if (isMadeElsewhere(kind)) return { status: "failed", cause: MADE_ELSEWHERE[kind] };
      return kind === "Role" ? roles.create(change) : create(change, kind, writing);
    case "update":
      return edit(change, kind, writing);
    case "delete":
      if (kind === "Role") return roles.remove(change);
      return kind === "ApiKey" ? revokeKeys(change, writing) : edit(change, kind, writing);
    default:
      return action satisfies never;
  }
}
