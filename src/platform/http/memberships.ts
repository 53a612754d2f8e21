// Membership changes of one group, in batches: a batch is idempotent, so a lost answer is asked for again, and every
// member in it gets a result of their own.
import type { Change } from "../../model/change.ts";
import type { State } from "../../model/entity.ts";
import { BATCH_ROWS, type BatchResult, type WritingCalls } from "./contract.ts";
import { type Directory, entityOf } from "./directory.ts";
import { HttpError } from "./failure.ts";
import type { Fate, Settle, Unit } from "./units.ts";

/** What batches are made by. */
export interface MembershipWriting {
  readonly client: Pick<WritingCalls, "changeMembers">;
  readonly directory: Directory;
  readonly live: State;
  readonly fold: (name: string) => string;
}

interface Entry {
  readonly change: Change;
  readonly memberId: string;
  readonly action: "add" | "remove";
}

/** The batches that make all changes of one group's section. What cannot be sent is a unit that only says so. */
export function membershipUnits(group: string, changes: readonly Change[], writing: MembershipWriting): Unit[] {
  const groupId = writing.directory.idOf("Group", group, writing.live);
  const hopeless: [Change, Fate][] = [];
  const entries: Entry[] = [];
  for (const change of changes) {
    const memberId = memberIdOf(change, writing);
    if (change.action === "update")
      hopeless.push([change, { status: "applied", cause: "nothing of it is on the platform" }]);
    else if (groupId === undefined)
      hopeless.push([change, { status: "failed", cause: "its group is not on the platform" }]);
    else if (memberId === undefined)
      hopeless.push([change, { status: "failed", cause: "its member is not on the platform" }]);
    else entries.push({ change, memberId, action: change.action === "create" ? "add" : "remove" });
  }
  const units: Unit[] = [];
  if (hopeless.length > 0)
    units.push({
      changes: hopeless.map(([change]) => change),
      act: async (settle) => {
        for (const [change, fate] of hopeless) settle(change, fate);
      },
    });
  for (let start = 0; start < entries.length; start += BATCH_ROWS) {
    const batch = entries.slice(start, start + BATCH_ROWS);
    units.push({
      changes: batch.map(({ change }) => change),
      act: (settle) => runBatch(groupId ?? "", batch, writing, settle),
    });
  }
  return units;
}

/** A live membership knows its member's id, even of a member who is disabled and so not in the state. */
function memberIdOf(change: Change, { directory, live, fold }: MembershipWriting): string | undefined {
  return entityOf(change, live, fold)?.id ?? directory.idOf("Member", change.local, live);
}

async function runBatch(
  groupId: string,
  batch: readonly Entry[],
  { client }: MembershipWriting,
  settle: Settle,
): Promise<void> {
  const ids = (action: Entry["action"]) =>
    batch.filter((entry) => entry.action === action).map(({ memberId }) => memberId);
  let results: readonly BatchResult[];
  try {
    results = await client.changeMembers(groupId, ids("add"), ids("remove"));
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 404) throw error;
    for (const { change, action } of batch) settle(change, GROUP_GONE[action]);
    return;
  }
  const told = new Map(results.map(({ memberId, action, result }) => [`${action} ${memberId}`, result]));
  for (const { change, memberId, action } of batch) settle(change, fateOf(action, told.get(`${action} ${memberId}`)));
}

const GROUP_GONE: Readonly<Record<Entry["action"], Fate>> = {
  add: { status: "conflict", cause: "its group is gone from the platform" },
  remove: { status: "applied", cause: "its group was gone already" },
};

function fateOf(action: Entry["action"], result: string | undefined): Fate {
  switch (result) {
    case "added":
    case "removed":
      return { status: "applied" };
    case "unchanged":
      return { status: "applied", cause: "it was so already" };
    case "not-found":
      return action === "remove"
        ? { status: "applied", cause: "the member was gone already" }
        : { status: "conflict", cause: "the member is gone from the platform or disabled" };
    default:
      return { status: "failed", cause: "the platform did not say what became of it" };
  }
}
