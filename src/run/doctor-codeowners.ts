// Whether CODEOWNERS asks the reviews of those whom the settings name. Looks at the work tree and at nothing else.
import type { Check } from "../model/checkup.ts";
import { type Codeowners, isCodeownersStale, readCodeowners } from "./codeowners.ts";
import { OperatorError } from "./context.ts";
import { decided, undecided } from "./doctor-check.ts";
import type { Workspace } from "./workspace.ts";

const ID = "codeowners.fresh";

/** A warning: whose reviews count for Rolebook it reads from the settings, whatever the file says. */
export function checkCodeowners(workspace: Workspace): Check {
  let codeowners: Codeowners;
  try {
    // It is of all targets, and of the whole repository.
    codeowners = readCodeowners(workspace);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const fix = error.hint ?? "Run `rolebook codeowners` in a clone.";
    return undecided({ id: ID, severity: "warning" }, `CODEOWNERS could not be judged: ${error.message}`, fix);
  }
  const { path, overruled } = codeowners;
  const stale = isCodeownersStale(codeowners);
  return decided(!stale && !overruled, {
    id: ID,
    severity: "warning",
    ok: `${path} asks the reviews of those whom the settings name`,
    gap: stale
      ? `${path} ${codeowners.text === undefined ? "is not there" : "is not what the settings say"}, so that GitHub asks others for reviews than those who own what is touched`
      : `${path} has rules after Rolebook's, which win where both match: others may be asked for reviews of policies, or nobody`,
    fix: stale ? "Run `rolebook codeowners` and commit the file." : `Move those rules before Rolebook's in ${path}.`,
  });
}
