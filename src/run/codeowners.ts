// `rolebook codeowners`: the part of .github/CODEOWNERS that follows from the settings, written between two markers, or checked.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { rulesAfter, writeCodeowners } from "../policy/codeowners.ts";
import { type CommonOptions, type Context, EXIT, type ExitCode, OperatorError } from "./context.ts";
import { driverOf, openWorkspace, type Workspace } from "./workspace.ts";

export interface CodeownersOptions extends CommonOptions {
  /** Change nothing; exit 1 when the file is not what the settings say. */
  readonly check: boolean;
}

/** Where GitHub looks, in this order; it reads the first that is there. */
const PLACES = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"] as const;

export interface Codeowners {
  /** From the repository's root. */
  readonly path: string;
  /** Undefined while there is no file. */
  readonly text: string | undefined;
  /** What it should be. */
  readonly wanted: string;
  /** Other rules come after Rolebook's, and win where they match. */
  readonly overruled: boolean;
}

/** The file as it is and as it should be. Throws `OperatorError` where that cannot be told. */
export function readCodeowners({ repository, folder, shown, policies }: Workspace): Codeowners {
  const { settings, governance, byTarget } = policies;
  if (!repository || repository.bare)
    throw new OperatorError("CODEOWNERS belongs to a Git repository with a work tree", "Run this in a clone of it.");
  if (!settings)
    throw new OperatorError(`${shown} has no settings that can be read`, "rolebook validate says what is wrong.");
  const path = PLACES.find((place) => existsSync(join(repository.root, place))) ?? PLACES[0];
  const text = readText(join(repository.root, path), path);
  const placed = writeCodeowners(text ?? "", {
    folder,
    shown,
    settings,
    guardrailOwners: governance.guardrails.flatMap(({ owners }) => owners),
    targets: settings.targets.map((target) => ({
      target,
      files: byTarget.get(target.name) ?? [],
      fold: driverOf(target).platform.fold,
    })),
    path,
  });
  if ("problem" in placed) throw new OperatorError(`${path}: ${placed.problem}`, placed.hint);
  return { path, text, wanted: placed.text, overruled: rulesAfter(placed.text) };
}

/** Bytes that are no text would not come back as they were. */
function readText(file: string, path: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  const text = bytes.toString("utf8");
  if (Buffer.from(text, "utf8").equals(bytes)) return text;
  throw new OperatorError(`${path} is not UTF-8`, "Save it as UTF-8, then run this again.");
}

/** Whether the file is not what settings and files say. */
export function isCodeownersStale({ text, wanted }: Codeowners): boolean {
  return text !== wanted;
}

/** Runs `codeowners`. Targets are not chosen: the file is of all of them. */
export async function runCodeowners(context: Context, { policies, check }: CodeownersOptions): Promise<ExitCode> {
  const workspace = await openWorkspace(context, { policies }, { git: true });
  const codeowners = readCodeowners(workspace);
  const { path, wanted, overruled } = codeowners;
  if (overruled)
    context.err(`Warning: ${path} has rules after Rolebook's, which win where both match; move them before it.\n`);
  if (!isCodeownersStale(codeowners)) return EXIT.done;
  if (check) {
    context.err(`${path} is not what the settings say.\nRun \`rolebook codeowners\` and commit the file.\n`);
    return EXIT.refused;
  }
  const file = join(workspace.repository?.root ?? context.cwd, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, wanted);
  context.out(`${path}\n`);
  return EXIT.done;
}
