// `rolebook review verify`: checks the evidence of a campaign, in a folder or on the ledger. It asks no platform and no Git host, and in a
// repository compares the evidence with what the ledger has.
import { existsSync, readdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { EVIDENCE_FOLDER, readEvidenceFiles } from "../git/evidence-records.ts";
import { type Ledger, openLedger } from "../git/ledger.ts";
import type { Repository } from "../git/repository.ts";
import { campaignPath } from "../git/review-records.ts";
import type { EvidencedReceipt, EvidenceFile } from "../model/evidence.ts";
import { type Finding, sortFindings } from "../model/finding.ts";
import type { RosterVersion } from "../plan/review/campaign-input.ts";
import { verifyEvidence } from "../plan/review/verify.ts";
import { MANIFEST, manifestOf, PAGE, type ReadEvidence, sha256Of, wrong } from "../plan/review/verify-files.ts";
import { readGovernance } from "../policy/governance.ts";
import { GOVERNANCE, parseFile } from "../policy/parse.ts";
import { renderEvidenceHtml } from "../report/evidence-html.tsx";
import { renderVerifyJson, renderVerifyText } from "../report/review-close.ts";
import { type Context, EXIT, type ExitCode, OperatorError, UsageError } from "./context.ts";
import { emit } from "./output.ts";
import { readFolder } from "./review-folder.ts";

export interface VerifyOptions {
  readonly format: "human" | "json";
  readonly output?: string;
}

/** Runs `review verify`. Exit 1 when anything is wrong. */
export async function runVerify(context: Context, name: string | undefined, options: VerifyOptions): Promise<ExitCode> {
  if (name === undefined)
    throw new UsageError("review verify takes the evidence", "Name a folder, or the id of a closed campaign.");
  const { openRepository } = await import("../git/repository.ts");
  const repository = await openRepository(context.cwd);
  const folder = resolve(context.cwd, name);
  const isFolder = existsSync(folder) && statSync(folder).isDirectory();
  const files = isFolder ? readEvidence(folder, name) : await filesOnLedger(repository, name, folder);
  const asked = isFolder ? undefined : name;
  const checked = await checkEvidence(files, repository, `rolebook ${context.version}`, asked);
  const { color, width } = context.terminal;
  const looks = { color: color && options.output === undefined, width };
  emit(context, options.output, [
    options.format === "json" ? renderVerifyJson(checked) : renderVerifyText(checked, looks),
  ]);
  return checked.findings.some(({ severity }) => severity === "error") ? EXIT.refused : EXIT.done;
}

/** Checks evidence by itself, and beside the ledger of a repository that has it. `asked`: the campaign that it has to be of. */
export async function checkEvidence(
  files: readonly EvidenceFile[],
  repository: Repository | undefined,
  tool: string,
  asked?: string,
) {
  const page = (evidence: ReadEvidence) => (evidence.about.tool === tool ? pageOf(evidence, files) : undefined);
  const verdict = verifyEvidence({ files, rosters: rostersOf(files), page });
  const { id, evidence } = verdict;
  const ledger = repository && openLedger(repository);
  const isKnown = repository && ledger && (await knowsCampaign(repository, ledger, id, evidence));
  const beside = repository && ledger && isKnown ? await compareLedger(repository, ledger, id, files, evidence) : [];
  const other =
    asked === undefined || asked === id
      ? []
      : [
          wrong(
            "evidence-not-recorded",
            `What the ledger has of campaign ${asked} is the evidence of "${id}"`,
            MANIFEST,
          ),
        ];
  const findings = sortFindings([...verdict.findings, ...beside, ...other]);
  return { id, findings, ledger: isKnown === true, files: files.length };
}

/** Whether a ledger is the one of this campaign: it has something of it, or is in the repository that it began from. */
async function knowsCampaign(
  repository: Repository,
  ledger: Ledger,
  id: string,
  evidence: ReadEvidence | undefined,
): Promise<boolean> {
  if ((await ledger.head()) === null) return false;
  if (/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(id) && (await ledger.list(campaignPath(id, ""))).length > 0) return true;
  const began: unknown = evidence?.start.commit;
  if (typeof began !== "string" || !/^[0-9a-f]{40,64}$/.test(began)) return false;
  return (await repository.isAncestor(began, began)) === true;
}

/** The page that this very Rolebook would write. */
function pageOf({ start, decided, proof, about }: ReadEvidence, files: readonly EvidenceFile[]): string {
  const rest = files.filter(({ path }) => path !== PAGE && path !== MANIFEST);
  return renderEvidenceHtml({ start, decided, proof, about, digests: manifestOf(start.id, rest).files });
}

/** Only what looks like evidence is read through: any other folder may hold anything, and as much of it. */
function readEvidence(folder: string, name: string): EvidenceFile[] {
  try {
    const there = new Set(readdirSync(folder));
    if ([MANIFEST, "start.json", "decided.json"].some((file) => there.has(file))) return readFolder(folder);
  } catch (error) {
    throw new OperatorError(`${name} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  throw new OperatorError(
    `${name} is no evidence of a review: it has no ${MANIFEST}`,
    "Name the folder that `rolebook review close ID --output DIR` wrote, or the id of a closed campaign.",
  );
}

async function filesOnLedger(repository: Repository | undefined, id: string, path: string): Promise<EvidenceFile[]> {
  const isId = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(id);
  const files = repository && isId ? await readEvidenceFiles(openLedger(repository), id) : [];
  if (files.length > 0) return files;
  if (existsSync(path)) throw new OperatorError(`${id} is no folder`, "Name the folder that has all of the evidence.");
  throw new OperatorError(
    `There is no folder and no closed campaign ${JSON.stringify(id)}`,
    "Name a folder with evidence, or a campaign that is on this clone's ledger: git fetch origin rolebook/ledger:rolebook/ledger",
  );
}

function rostersOf(files: readonly EvidenceFile[]): RosterVersion[] {
  return files
    .filter(({ path }) => path.startsWith("roster/"))
    .flatMap(({ path, text }) => {
      // A roster says the folder of its campaign, which the evidence does not have.
      const parsed = parseFile(path, new TextEncoder().encode(text), GOVERNANCE);
      const { governance } = readGovernance([parsed], undefined);
      return governance.rosters.map((roster) => ({ roster, path, sha256: sha256Of(text) }));
    });
}

/** Everything is what the ledger has, added at once and after what the evidence says was last. */
async function compareLedger(
  repository: Repository,
  ledger: Ledger,
  id: string,
  files: readonly EvidenceFile[],
  evidence: ReadEvidence | undefined,
): Promise<Finding[]> {
  const findings: Finding[] = [...(await ledger.verify())];
  const there = new Map((await readEvidenceFiles(ledger, id)).map(({ path, text }) => [path, text]));
  const here = new Map(files.map(({ path, text }) => [path, text]));
  for (const path of [...new Set([...there.keys(), ...here.keys()])].sort())
    if (there.get(path) !== here.get(path))
      findings.push(wrong("evidence-not-recorded", `${path} is not what the ledger has of campaign ${id}`, path));
  for (const name of ["start.json", "decided.json"])
    if ((await ledger.read(campaignPath(id, name))) !== here.get(name))
      findings.push(wrong("evidence-not-recorded", `${name} is not what the ledger recorded before`, name));
  for (const [path, recorded] of recordsIn(evidence))
    if (recorded === undefined || (await ledger.read(recorded)) !== here.get(path))
      findings.push(wrong("evidence-not-recorded", `${path} is not the ledger's ${recorded ?? "record of it"}`, path));
  const head = await ledger.head();
  const before = evidence?.about.ledger;
  const isRooted =
    head !== null &&
    typeof before === "string" &&
    /^[0-9a-f]{40,64}$/.test(before) &&
    (await repository.isAncestor(before, head));
  if (!isRooted)
    findings.push(
      wrong(
        "evidence-not-recorded",
        `The ledger is not the one that ${EVIDENCE_FOLDER} of ${id} was recorded on: an older commit of it was rewritten`,
        "about.json",
      ),
    );
  return findings;
}

/** The files of receipts, each with where the ledger has it; undefined where about.json says no place that it could have. */
function recordsIn(evidence: ReadEvidence | undefined): (readonly [path: string, recorded: string | undefined])[] {
  return (evidence?.about.receipts ?? []).flatMap((one: Partial<EvidencedReceipt> | null) =>
    (["receipt", "start"] as const).map((part) => {
      const [path, recorded]: unknown[] = [one?.[part], one?.ledger?.[part]];
      const isPlace = typeof recorded === "string" && RECORD.test(recorded);
      return [typeof path === "string" ? path : "about.json", isPlace ? recorded : undefined] as const;
    }),
  );
}

/** A record of an apply, from the ledger's root. */
const RECORD = /^[a-z0-9][a-z0-9-]*\/[0-9A-Za-z-]+\/(?:start|receipt(?:-\d+)?)\.json$/;
