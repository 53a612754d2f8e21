// Where a target is looked at, and with whose credentials: there where it was applied last, whatever was merged since. A merge
// that no owner approved must not make Rolebook show a credential to another system. Reads Git; decides nothing else.
import { appliedRef } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import type { Settings, Target } from "../model/settings.ts";
import { OperatorError } from "./context.ts";
import { isReachedAlike, reachedAs } from "./merged-basis.ts";
import type { Workspace } from "./workspace.ts";

export interface Reaching {
  readonly repository: Repository;
  readonly remote: string;
  /** The policies at a commit. */
  readonly open: (commit: string) => Promise<Workspace>;
}

/** The target as it is reached. Throws `OperatorError` where nobody who may has vouched for its address. */
export async function reachOf(reaching: Reaching, target: Target): Promise<Target> {
  const { repository, open } = reaching;
  const applied = await repository.readRef(appliedRef(target.name));
  if (applied === null) return firstReach(reaching, target);
  const former = targetIn((await open(applied)).policies.settings, target.name);
  if (former) return reachedAs(target, former);
  throw new OperatorError(
    `Target ${target.name} is not in the settings of its last applied commit ${applied.slice(0, 12)}`,
    `Was it renamed? Move ${appliedRef(target.name)} with care, or delete the ref to start without history.`,
  );
}

/** What was never applied may be anywhere, but not ask for the credentials of what was applied elsewhere. */
async function firstReach({ repository, remote, open }: Reaching, target: Target): Promise<Target> {
  const { refs } = await repository.lookRemote(remote, [`${APPLIED}*`]);
  const names = [...refs.keys()].filter((ref) => NAMED.test(ref)).sort();
  const wanted = new Set(Object.values(target.credentials));
  for (const { ref, local } of await repository.fetchRefs(remote, names)) {
    const other =
      local === null ? undefined : targetIn((await open(local)).policies.settings, ref.slice(APPLIED.length));
    const shared = Object.values(other?.credentials ?? {}).filter((variable) => wanted.has(variable));
    if (!other || shared.length === 0 || isReachedAlike({ ...target, credentials: other.credentials }, other)) continue;
    throw new OperatorError(
      `${target.name} was never applied, and asks for the credentials of ${other.name} (${shared.join(", ")}) for another system`,
      `Somebody has to vouch for its address first: rolebook apply --target ${target.name}, or name other variables.`,
    );
  }
  return target;
}

const APPLIED = "refs/rolebook/applied/";
const NAMED = /^refs\/rolebook\/applied\/[a-z0-9][a-z0-9-]*$/;

function targetIn(settings: Settings | undefined, name: string): Target | undefined {
  return settings?.targets.find((target) => target.name === name);
}
