// `rolebook init`: a policy repository to start from. Writes settings, one commented example of every
// kind, and the schemas for the editor. Never touches a file that is there; declares nothing by itself.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { drivers } from "../platform/index.ts";
import { type Context, EXIT, type ExitCode, OperatorError } from "./context.ts";
import { copySchemas } from "./schema-files.ts";

export interface InitOptions {
  readonly target: string;
  readonly platform: string;
  readonly url: string;
  readonly organization?: string;
}

/** Writes the files below `<dir>/policies` and says what to do next. */
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
  if (!URL.canParse(options.url))
    throw new OperatorError(`"${options.url}" is no URL`, "Something like https://access.example.com.");
  const policies = resolve(context.cwd, dir, "policies");
  if (existsSync(join(policies, "rolebook.yaml")))
    throw new OperatorError(
      `${join(dir, "policies", "rolebook.yaml")} is there already`,
      "This folder is a policy repository; nothing was changed.",
    );
  const files = { "rolebook.yaml": settingsText(options), ...platform.examples(options.target) };
  for (const [name, text] of Object.entries(files)) {
    const file = join(policies, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: "wx" });
    context.out(`${relative(context.cwd, file)}\n`);
  }
  for (const name of copySchemas(policies, options.platform))
    context.out(`${relative(context.cwd, join(policies, name))}\n`);
  context.err(nextSteps(options));
  return EXIT.done;
}

function variablesOf(target: string): { readonly id: string; readonly secret: string } {
  const name = target.toUpperCase().replace(/[^A-Z0-9]/g, "_");
  const prefix = /^\d/.test(name) ? `T_${name}` : name;
  return { id: `${prefix}_CLIENT_ID`, secret: `${prefix}_CLIENT_SECRET` };
}

function settingsText({ target, platform, url, organization }: InitOptions): string {
  const { id, secret } = variablesOf(target);
  return `# yaml-language-server: $schema=.schemas/settings.json
# What Rolebook looks after, and how far one plan may go.
kind: Settings
targets:
  - name: ${target} # the folder beside this file
    platform: ${platform}
    url: ${JSON.stringify(url)}
    organization: ${JSON.stringify(organization ?? target)}
    # Names of environment variables, never the secrets themselves. Give \`plan\` a credential that
    # can only read, and \`apply\` another.
    credentials:
      clientId: ${id}
      clientSecret: ${secret}
    # Name the platform's environments, so that the files can be checked without it:
    # environments: [dev, test, staging, production]
    drift: report # report | propose | revert
    # Addresses of the people who own this target; they must keep owner-equivalent access.
    owners: []
    # One plan may take access from at most this many people, whichever is less (one is always allowed).
    limits:
      target: { share: 0.2, count: 50 }
      group: { share: 0.34, count: 20 }
`;
}

function nextSteps({ target, url }: InitOptions): string {
  const { id, secret } = variablesOf(target);
  return `
Next:
  export ${id}=… ${secret}=…    # a credential for ${url}
  rolebook import       # write files for what is live
  rolebook validate     # look through the files, then commit them
  rolebook apply        # changes nothing yet: records the commit as the base
  rolebook plan         # from here on: edit, plan, commit, apply
`;
}
