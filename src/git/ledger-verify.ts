// The proof that the ledger only ever grew: a walk over every commit of its chain. It trusts no cache and no flag,
// only the trees themselves; it cannot know of commits that were dropped from the end, which the remote's protection must prevent.
import type { Finding } from "../model/finding.ts";
import { runGit } from "./command.ts";
import type { Repository } from "./repository.ts";

/** Findings in the order of the chain, oldest first. */
export async function verifyChain(repository: Repository, head: string | null): Promise<Finding[]> {
  if (head === null) return [];
  const chain = await runGit(repository.root, ["rev-list", "--reverse", "--topo-order", "--parents", head]);
  const commits = chain.stdout.split("\n").filter((line) => line !== "");
  const findings = commits.flatMap((line) => mergeFinding(line.split(" ")));
  const diff = await runGit(
    repository.root,
    ["diff-tree", "--stdin", "-r", "-m", "--root", "--raw", "-z", "--no-renames", "--no-ext-diff", "--no-abbrev"],
    { input: commits.map((line) => `${line.split(" ")[0]}\n`).join("") },
  );
  findings.push(...parseDiff(diff.stdout));
  if (await repository.isShallow()) findings.push(SHALLOW);
  return findings;
}

const SHALLOW: Finding = {
  severity: "warning",
  code: "ledger-shallow",
  message: "only the recent part of the ledger is in this shallow clone, so only that part was checked",
  hint: "git fetch --unshallow",
};

function mergeFinding([commit = "", ...parents]: readonly string[]): Finding[] {
  if (parents.length < 2) return [];
  return [
    { severity: "error", code: "ledger-merged", message: `commit ${commit} of the ledger is a merge`, key: commit },
  ];
}

/** Parses `diff-tree --stdin -z --raw`: `commit NUL` then for each file `:modes ids status NUL path NUL`. */
export function parseDiff(text: string): Finding[] {
  const findings: Finding[] = [];
  const fields = text.split("\0");
  let commit = "";
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] as string;
    if (!field.startsWith(":")) {
      if (field !== "") commit = field;
      continue;
    }
    const status = field.slice(field.lastIndexOf(" ") + 1);
    at += 1;
    const path = fields[at] as string;
    if (status !== "A") findings.push(changeFinding(commit, status, path));
  }
  return findings;
}

function changeFinding(commit: string, status: string, path: string): Finding {
  const verb = status === "D" ? "deleted" : "changed";
  return {
    severity: "error",
    code: `ledger-${verb}`,
    message: `${path} was ${verb} by commit ${commit}, after it had been recorded`,
    key: path,
    hint: "Find out who pushed that commit; the branch rolebook/ledger must refuse everything but appending pushes.",
  };
}
