// `rolebook init`: a policy repository to start from. Writes settings, one commented example of every
// kind, the schemas for the editor, and the workflows when it is told where the action is. Never touches a file that is
// there; declares nothing by itself.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { kindSpec, MEMBER, type Platform, scopeWord } from "../model/platform.ts";
import { drivers } from "../platform/index.ts";
import { governanceExamples } from "../policy/examples.ts";
import { formatFile } from "../policy/format.ts";
import { isReservedName } from "../policy/settings.ts";
import { type Context, EXIT, type ExitCode, OperatorError } from "./context.ts";
import {
  APPLY_ENVIRONMENT,
  PLAN_ENVIRONMENT,
  remoteAction,
  SWITCH,
  type WorkflowOptions,
  workflowFiles,
  workflowVariables,
} from "./init-workflows.ts";
import { copySchemas } from "./schema-files.ts";
import { openWorkspace } from "./workspace.ts";

export interface InitOptions {
  readonly target: string;
  readonly platform: string;
  readonly url: string;
  readonly organization?: string;
  /** Where the workflows take Rolebook from, `owner/name@commit`; no workflows without it. */
  readonly action?: string;
}

/** Writes the files below `<dir>/policies`, and the workflows if asked to, and says what to do next. */
export async function runInit(context: Context, dir: string, options: InitOptions): Promise<ExitCode> {
  const platform = drivers.find(({ name }) => name === options.platform);
  if (!platform)
    throw new OperatorError(
      `There is no platform "${options.platform}"`,
      `Platforms: ${drivers.map(({ name }) => name).join(", ")}.`,
    );
  if (!/^[a-z0-9][a-z0-9-]*$/.test(options.target))
    throw new OperatorError(
      `"${options.target}" is no name for a target`,
      "Use lower-case letters, digits and dashes.",
    );
  if (isReservedName(options.target))
    throw new OperatorError(
      `"${options.target}" is no name for a target`,
      "There is a folder of that name for something else.",
    );
  if (!URL.canParse(options.url))
    throw new OperatorError(`"${options.url}" is no URL`, "Something like https://access.example.com.");
  const action = actionOf(options);
  const policies = resolve(context.cwd, dir, "policies");
  if (existsSync(join(policies, "rolebook.yaml")) && action !== undefined) return addWorkflows(context, dir, action);
  if (existsSync(join(policies, "rolebook.yaml")))
    throw new OperatorError(
      `${join(dir, "policies", "rolebook.yaml")} is there already`,
      "This folder is a policy repository; nothing was changed.",
    );
  const files = {
    "rolebook.yaml": formatFile("rolebook.yaml", settingsText(options, platform.platform), undefined).text,
    ...platform.examples(options.target),
    ...governanceExamples,
    ...platform.guardrails?.(options.target),
  };
  for (const [name, text] of Object.entries(files)) writeNew(context, join(policies, name), text);
  for (const name of copySchemas(policies, options.platform))
    context.out(`${relative(context.cwd, join(policies, name))}\n`);
  if (action !== undefined) {
    const variables = variablesOf(options.target, platform.platform).map(([, variable]) => variable);
    writeWorkflows(context, dir, { action, variables });
  }
  context.err(nextSteps(options, platform.platform));
  return EXIT.done;
}

/** The repository is one already: only the workflows that are missing are written, with every variable that its settings name. */
async function addWorkflows(context: Context, dir: string, action: string): Promise<ExitCode> {
  const { policies } = await openWorkspace(context, { policies: join(dir, "policies") }, { git: false });
  if (!policies.settings)
    throw new OperatorError("The settings have errors, so no workflow was written", "`rolebook validate` lists them.");
  const variables = workflowVariables(policies.settings);
  writeWorkflows(context, dir, { action, variables });
  context.err(onGitHub(variables));
  return EXIT.done;
}

function writeWorkflows(context: Context, dir: string, options: WorkflowOptions): void {
  for (const [name, text] of Object.entries(workflowFiles(options))) {
    const file = resolve(context.cwd, dir, ".github", "workflows", name);
    if (existsSync(file)) context.err(`${relative(context.cwd, file)} is there already, and stays as it is.\n`);
    else writeNew(context, file, text);
  }
}

function writeNew(context: Context, file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { flag: "wx" });
  context.out(`${relative(context.cwd, file)}\n`);
}

function actionOf({ action }: InitOptions): string | undefined {
  const remote = action === undefined ? undefined : remoteAction(action);
  if (action !== undefined && remote === undefined)
    throw new OperatorError(
      `"${action}" names no action`,
      "Something like acme/rolebook@0123456789abcdef0123456789abcdef01234567: a repository on GitHub with Rolebook's sources, and a whole commit id of it.",
    );
  return remote;
}

/** Credential part -> environment variable: `clientId` of acme is ACME_CLIENT_ID. */
function variablesOf(target: string, platform: Platform): readonly (readonly [part: string, variable: string])[] {
  const name = target.toUpperCase().replace(/[^A-Z0-9]/g, "_");
  const prefix = /^\d/.test(name) ? `T_${name}` : name;
  const constant = (part: string) => part.replace(/[A-Z]/g, "_$&").toUpperCase();
  return (platform.credentials[0] ?? []).map((part) => [part, `${prefix}_${constant(part)}`]);
}

function settingsText({ target, url, organization }: InitOptions, platform: Platform): string {
  const credentials = variablesOf(target, platform).map(([part, variable]) => `\n      ${part}: ${variable}`);
  const scopes = scopeWord(platform);
  return `# yaml-language-server: $schema=.schemas/settings.json
# What Rolebook looks after, and how far one plan may go.
kind: Settings
targets:
  - name: ${target} # the folder beside this file
    platform: ${platform.name}
    url: ${JSON.stringify(url)}
    organization: ${JSON.stringify(organization ?? target)}
    # Names of environment variables, never the secrets themselves. Give \`plan\` a credential that
    # can only read, and \`apply\` another.
    credentials:${credentials.join("")}
    # Name the platform's ${scopes}, so that the files can be checked without it:
    # environments: [dev, test, staging, production]
    drift: report # report | propose | revert
    # One plan may take access from at most this many people, whichever is less (one is always allowed).
    limits:
      target: { share: 0.2, count: 50 }
      group: { share: 0.34, count: 20 }
      scope: { share: 0.34, count: 30 } # in any one of the ${scopes}, or in the organization
      owners: { share: 0.34, count: 2 } # of those who can do everything
    # ${isByAddress(platform) ? "Addresses" : "Names"} of the people who own this target; they must keep owner-equivalent access.
    owners: []
    # There are never fewer people who can do everything, also in the middle of an apply.
    minimumOwners: 1
    # breakGlass: [] # people who must be able to do everything in an emergency
    # approvers: []  # people who must keep some access
    # timeZone: UTC  # dates (\`until: 2031-01-31\`) are days of this zone
    # warnDays: 14   # days before an access ends that it is warned about
`;
}

function isByAddress(platform: Platform): boolean {
  return kindSpec(platform, MEMBER)?.identity === "email";
}

function nextSteps({ target, url, action }: InitOptions, platform: Platform): string {
  const names = variablesOf(target, platform).map(([, variable]) => variable);
  const variables = names.map((variable) => `${variable}=…`);
  return `
Next:
  export ${variables.join(" ")}    # a credential for ${url}
  rolebook import       # write files for what is live
  rolebook validate     # look through the files, then commit them
  rolebook apply        # changes nothing yet: records the commit as the base
  rolebook plan         # from here on: edit, plan, commit, apply
${action === undefined ? "" : onGitHub(names)}`;
}

function onGitHub(variables: readonly string[]): string {
  return `
On GitHub, before the workflows do anything:
  make the environments ${PLAN_ENVIRONMENT} and ${APPLY_ENVIRONMENT}, both for the default branch alone
  give each the secrets ${variables.join(", ")}: the first of a credential that can only read
  set the repository variable ${SWITCH.variable} to "${SWITCH.value}"
  rolebook doctor       # says what is missing
`;
}
