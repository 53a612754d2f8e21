// Makes approved changes in a Keystone domain, each after a look at what is there, and says truthfully what became of
// each: nothing is forced, and nobody is told "applied" on hope. Plans nothing.
import type { Change } from "../../model/change.ts";
import type { Connection, Writer } from "../../model/driver.ts";
import { groupOfSection, MEMBERSHIP, type State } from "../../model/entity.ts";
import { Directory, entityOf } from "../http/directory.ts";
import { HttpError } from "../http/failure.ts";
import { APPLIED, type Fate, GONE, Halt, runUnits, type Settle, type Unit } from "../http/units.ts";
import { fold } from "./catalogue.ts";
import { isMissing, openClient } from "./client.ts";
import type { Writing } from "./holdings.ts";
import type { DomainRef } from "./session.ts";
import { createBare, giveHoldings, makeChange } from "./single.ts";

/** Opens a writer; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openWriter(connection: Connection): Writer {
  const client = openClient(connection);
  const { connections } = client;
  const directory = new Directory(fold);
  const halt = new Halt(connections);
  let found: Promise<DomainRef> | undefined;
  const domain = () => {
    found ??= client.domain();
    found.catch(() => {
      found = undefined;
    });
    return found;
  };
  return {
    write: async (changes, live, onOutcome) => {
      directory.learnRenames(changes, live);
      const writing = async () => ({ client, directory, live, domain: await domain() });
      await runUnits(unitsOf(changes, live, directory, writing), changes, { connections, halt }, onOutcome);
    },
    requests: client.requests,
    close: client.close,
  };
}

type Act = (writing: Writing) => Promise<Fate>;

function unitsOf(
  changes: readonly Change[],
  live: State,
  directory: Directory,
  writing: () => Promise<Writing>,
): Unit[] {
  const newRoles = roleCreator(changes);
  const actOf = (change: Change): Act => {
    if (change.kind === MEMBERSHIP) return changeMembership(change, live, directory);
    if (change.kind === "Role" && change.action === "create") return newRoles(change);
    return (context) => makeChange(change, context);
  };
  return changes.map((change) => ({
    changes: [change],
    lane: `${change.kind} ${change.action}`,
    act: async (settle: Settle) => settle(change, await refusedAsSuch(actOf(change), await writing())),
  }));
}

/** What a policy forbids stands for all changes of its lane; any other 403 is about this one thing. */
async function refusedAsSuch(act: Act, writing: Writing): Promise<Fate> {
  try {
    return await act(writing);
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 403) throw error;
    if (/not authorized/i.test(error.problem.detail ?? "")) throw error;
    return { status: "failed", cause: error.message };
  }
}

/** New roles may imply one another, so a role waits until those it implies are there, bare. */
function roleCreator(changes: readonly Change[]): (change: Change) => Act {
  const made = new Map<string, ReturnType<typeof createBare>>();
  const creations = new Map(
    changes
      .filter(({ kind, action }) => kind === "Role" && action === "create")
      .map((change) => [change.local, change]),
  );
  const makeBare = (change: Change, writing: Writing) => {
    const known = made.get(change.local) ?? createBare(change, writing);
    made.set(change.local, known);
    return known;
  };
  return (change) => async (writing) => {
    const bare = await makeBare(change, writing);
    if ("status" in bare) return bare;
    const implied = change.after?.attributes.implies;
    for (const name of Array.isArray(implied) ? implied : []) {
      const other = creations.get(fold(name));
      // Its own outcome tells why it could not be made; here its name will stand for nothing.
      if (other) await makeBare(other, writing).catch(() => undefined);
    }
    return giveHoldings(change, bare, writing);
  };
}

function changeMembership(change: Change, live: State, directory: Directory): Act {
  return async ({ client }) => {
    const groupId = directory.idOf("Group", groupOfSection(change.section) ?? "", live);
    const userId = entityOf(change, live, fold)?.id ?? directory.idOf("Member", change.local, live);
    if (groupId === undefined) return { status: "failed", cause: "its group is not on the platform" };
    if (userId === undefined) return { status: "failed", cause: "its member is not on the platform" };
    switch (change.action) {
      case "create":
        return join(() => client.join(groupId, userId));
      case "delete":
        return (await client.leave(groupId, userId)) ? APPLIED : GONE;
      case "update":
        return { status: "applied", cause: "nothing of it is on the platform" };
      default:
        return change.action satisfies never;
    }
  };
}

async function join(send: () => Promise<void>): Promise<Fate> {
  try {
    await send();
    return APPLIED;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { status: "conflict", cause: "its group or its member is gone from the platform" };
  }
}
