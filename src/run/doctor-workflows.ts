// Whether the workflows are the ones that `init` writes: what they do is reviewed, and a changed one may do anything with a credential.
// Judges texts; reads nothing.
import type { Check } from "../model/checkup.ts";
import { decided } from "./doctor-check.ts";
import { workflowFiles } from "./init-workflows.ts";

/** `files`: below `.github/workflows`, as they are committed. `variables`: those that the settings name. */
export function checkWorkflows(files: ReadonlyMap<string, string>, variables: readonly string[]): Check[] {
  const names = Object.keys(workflowFiles({ action: "", variables: [] }));
  const missing = names.filter((name) => !files.has(name));
  const action = actionIn(files);
  const ours = workflowFiles({ action: action ?? "", variables });
  const changed = names.filter((name) => files.has(name) && files.get(name) !== ours[name]);
  const again = "rolebook init --action OWNER/NAME@COMMIT, after taking away what is to be written anew.";
  return [
    decided(missing.length === 0, {
      id: "workflows.there",
      severity: "warning",
      ok: "All workflows are there",
      gap: `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not in .github/workflows (fine where rolebook controller does their work)`,
      fix: again,
    }),
    decided(action === undefined || isPinned(action), {
      id: "workflows.pinned",
      ok: "The workflows take Rolebook from this repository, or from a whole commit id",
      gap: `The workflows take Rolebook from ${action}, which can be moved`,
      fix: "Name the action by a whole commit id.",
    }),
    decided(changed.length === 0, {
      id: "workflows.ours",
      severity: "warning",
      ok: "The workflows are as rolebook init writes them",
      gap: `${changed.join(", ")} ${changed.length === 1 ? "differs" : "differ"} from what rolebook init writes for these settings`,
      fix: `Look at what differs, or: ${again}`,
    }),
    checkCredentials(files, variables),
  ];
}

/** A credential in any other workflow is in the hands of whoever may change that one. */
function checkCredentials(files: ReadonlyMap<string, string>, variables: readonly string[]): Check {
  const ours = Object.keys(workflowFiles({ action: "", variables: [] }));
  const others = [...files].filter(
    ([name, text]) => !ours.includes(name) && variables.some((variable) => new RegExp(`\\b${variable}\\b`).test(text)),
  );
  return decided(others.length === 0, {
    id: "workflows.credentials",
    ok: "No other workflow names a credential of a platform",
    gap: `${others.map(([name]) => name).join(", ")} also ${others.length === 1 ? "names" : "name"} a credential of a platform`,
    fix: "Take it out there.",
  });
}

function actionIn(files: ReadonlyMap<string, string>): string | undefined {
  for (const text of files.values()) {
    const action = /^ *- uses: (\S*\.github\/actions\/rolebook(?:@\S*)?)$/m.exec(text)?.[1];
    if (action !== undefined) return action;
  }
  return undefined;
}

function isPinned(action: string): boolean {
  return action.startsWith("./") || /@[0-9a-f]{40}$/.test(action);
}
