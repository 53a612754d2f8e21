// What `explain` and `who-can` answer from with --at: what was true of each target then. The files that are checked out are asked
// for nothing but where the targets are; what is wrong with them now is no matter.
import { createPlaces } from "../plan/places.ts";
import { type Context, OperatorError } from "./context.ts";
import { attempt, type Failure, isFailure } from "./failures.ts";
import type { Ground, GroundOptions, Grounds } from "./grounds.ts";
import { readPast } from "./past.ts";
import { readMoment } from "./past-moment.ts";
import { chooseTargets, driverOf, openWorkspace } from "./workspace.ts";

/** The grounds of a moment in the past; targets of which nothing is known are failures. */
export async function openPastGrounds(context: Context, options: GroundOptions, at: string): Promise<Grounds> {
  const workspace = await openWorkspace(context, options, { git: true });
  const { settings } = workspace.policies;
  const targets = chooseTargets(workspace.policies, options.target);
  if (!workspace.repository || !settings || targets.length === 0)
    throw new OperatorError(
      "--at needs settings that name targets, in a Git repository",
      workspace.policies.findings[0]?.message ?? "The past is in its history and on its ledger.",
    );
  const asked = await readMoment(workspace.repository, at);
  const grounds: Ground[] = [];
  const failures: Failure[] = [];
  for (const { name } of targets) {
    const ground = await attempt(name, async (): Promise<Ground> => {
      const [target] = chooseTargets(workspace.policies, name);
      if (!target) throw new OperatorError(`There is no target "${name}" in the settings`);
      const { target: then, state, declared, ...past } = await readPast(context, workspace, target, asked, options);
      const { platform } = driverOf(then);
      const several = settings.targets.length > 1;
      const placesOf = createPlaces(declared, platform);
      return { target: then, several, platform, state, declared, placesOf, view: platform.access(state), past };
    });
    if (isFailure(ground)) failures.push(ground);
    else grounds.push(ground);
  }
  return { grounds, failures, people: settings.people, workspace };
}
