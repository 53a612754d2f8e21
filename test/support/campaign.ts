// What people do in a campaign of an access review: they look at their file on its branch, write decisions into it, push, and approve
// the pull request. Knows the files as anybody sees them, and nothing of how Rolebook reads them.
import { load } from "js-yaml";
import { type Forge, LEDGER_REF } from "./forge.ts";

/** An entry of a roster file, as it is written. */
export interface RosterItem {
  readonly entry: string;
  readonly target: string;
  readonly member: string;
  readonly through?: readonly string[];
  readonly roles?: readonly string[];
  readonly gives: readonly string[];
  readonly recommendation: string;
  readonly because: string;
  readonly decision: string | null;
  readonly justification: string | null;
}

export interface Roster {
  readonly path: string;
  readonly reviewer: string;
  readonly items: readonly RosterItem[];
}

/** What somebody decides of an entry, and why; undefined leaves it as it is. */
export type Decide = (item: RosterItem) => readonly [decision: string, justification: string] | undefined;

export interface CampaignDesk {
  readonly branch: string;
  /** The number of the pull request that people decide on. Throws when there is none, or are several. */
  readonly pull: () => number;
  /** The pull request with the edits that follow; undefined while there is none. */
  readonly changes: () => number | undefined;
  /** The files on the branch. */
  readonly rosters: () => Roster[];
  /** Somebody writes into files, their own unless told otherwise, commits and pushes. */
  readonly decide: (login: string, decide: Decide, of?: string) => void;
  readonly approve: (login: string) => void;
  /** A file of the campaign on the ledger; undefined where there is none. */
  readonly recorded: (path: string) => string | undefined;
  /** Everything of it on the ledger. */
  readonly files: () => string[];
}

export function campaignDesk(forge: Forge, id: string): CampaignDesk {
  const { access } = forge;
  const branch = `rolebook/review/${id}`;
  const pullsOf = (head: string) => access.pulls().filter((pull) => pull.head.branch === head);
  const pull = () => {
    const [one, ...more] = pullsOf(branch);
    if (!one || more.length > 0) throw new Error(`${more.length + (one ? 1 : 0)} pull requests from ${branch}`);
    return one.number;
  };
  const folder = `policies/reviews/${id}/`;
  const rosters = () =>
    access
      .git("ls-tree", "--name-only", branch, folder)
      .split("\n")
      .filter((path) => path !== "")
      .map((path): Roster => {
        const { reviewer, entries } = load(access.git("show", `${branch}:${path}`)) as {
          readonly reviewer: string;
          readonly entries: readonly RosterItem[];
        };
        return { path, reviewer, items: entries };
      });
  return {
    branch,
    pull,
    changes: () => pullsOf(`${branch}-changes`)[0]?.number,
    rosters,
    decide: (login, decide, of = login) => {
      const own = rosters().filter(({ reviewer }) => reviewer === `${of}@acme.example`);
      if (own.length === 0) throw new Error(`${of} has nothing to decide`);
      const edit = (desk: { readonly read: (path: string) => string; write: (path: string, text: string) => void }) => {
        for (const { path } of own) desk.write(path, decideIn(desk.read(path), decide));
      };
      forge.amend(pull(), edit, login);
    },
    approve: (login) => void access.review({ number: pull(), login, state: "approved" }),
    recorded: (path) => {
      if (!filesOf(forge, id).includes(`reviews/${id}/${path}`)) return undefined;
      return access.git("show", `${LEDGER_REF}:reviews/${id}/${path}`);
    },
    files: () => filesOf(forge, id),
  };
}

function filesOf({ access, atOrigin }: Forge, id: string): string[] {
  if (atOrigin(LEDGER_REF) === null) return [];
  return access
    .git("ls-tree", "-r", "--name-only", LEDGER_REF, `reviews/${id}/`)
    .split("\n")
    .filter((path) => path !== "");
}

/** Writes decisions into the text of a roster file, entry by entry; every other line stays as it is. */
export function decideIn(text: string, decide: Decide): string {
  const { entries } = load(text) as { readonly entries: readonly RosterItem[] };
  const parts = text.split(/^(?= {2}- entry: )/m);
  return parts
    .map((part) => {
      const item = entries.find(({ entry }) => part.startsWith(`  - entry: ${entry}\n`));
      const decided = item && decide(item);
      if (!decided) return part;
      const [decision, justification] = decided;
      return part
        .replace(/^ {4}decision:.*$/m, () => `    decision: ${decision}`)
        .replace(/^ {4}justification:.*$/m, () => `    justification: ${JSON.stringify(justification)}`);
    })
    .join("");
}
