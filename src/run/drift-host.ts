// What drift has on the Git host: one pull request a target, found again by its branch, and one issue while somebody has more than
// Git says. It writes only what differs, touches nobody else's, and takes a person's "no" for an answer until the drift changes.
import { fetchBranch, isOwnBranch, ownBranchRef } from "../git/branch.ts";
import type { Pull } from "../model/host.ts";
import { driftMarker, readDriftState, writeDriftState } from "../report/drift-state.ts";
import { driftSubject } from "./drift-commit.ts";
import { keepComment, sameText } from "./host.ts";
import { openOnce, type ProposingHost, pushBranch } from "./proposing.ts";

export interface WantedPull {
  readonly commit: string;
  readonly title: string;
  /** Whole, markers included. */
  readonly body: string;
  /** SHA-256 of what is proposed, in hex. */
  readonly digest: string;
  /** SHA-256 of what would be undone; empty when that is nothing. */
  readonly reverts: string;
  /** The commit changes files, or leaves something to a person. */
  readonly edits: boolean;
}

export interface KeptPull {
  readonly state: "none" | "opened" | "updated" | "same" | "closed" | "left-alone";
  readonly pull?: Pull;
  /** Why it was left alone, in one sentence. */
  readonly why?: string;
}

/** Where a target's branch and pull requests are. */
export interface Standing {
  readonly target: string;
  readonly branch: string;
  readonly base: string;
  /** The commit that was applied last. */
  readonly applied: string | null;
  /** On the remote; null when there is no such branch. */
  readonly tip: string | null;
  /** Open and closed ones, newest first. */
  readonly pulls: readonly Pull[];
}

export async function readStanding(
  { reader, repository, remote }: ProposingHost,
  at: Pick<Standing, "target" | "branch" | "base" | "applied">,
): Promise<Standing> {
  const tip = await fetchBranch(repository, remote, ownBranchRef(at.branch));
  return { ...at, tip, pulls: await reader.pullsOfBranch(at.branch) };
}

/** Keeps the pull request as it should be; undefined when there is nothing to propose. */
export async function keepPull(host: ProposingHost, at: Standing, wanted: WantedPull | undefined): Promise<KeptPull> {
  const { login } = await host.reader.self();
  const open = at.pulls.find(({ state, base }) => state === "open" && base.branch === host.baseBranch);
  const isOwn = at.tip === null || (await isOwnBranch(host.repository, at.tip, at.base, driftSubject(at.target)));
  if (!isOwn || (open && open.author !== login)) return leaveAlone(host, at, open, wanted !== undefined, isOwn);
  if (!wanted) return takeBack(host, at, open, login);
  const no = open ? undefined : await answeredAlready(host, at, wanted, login);
  if (no !== undefined) return { state: "left-alone", why: no };
  const isPushed = await push(host, at, wanted.commit);
  if (!open) return { state: "opened", pull: await openOnce(host, { ...wanted, head: at.branch }) };
  const { title, body } = wanted;
  if (open.title === title && sameText(open.body, body)) return { state: isPushed ? "updated" : "same", pull: open };
  await host.writer.editPull(open.number, { title, body });
  return { state: "updated", pull: open };
}

/** A person's word on the very same drift: closed without merging, or merged and not applied yet. */
async function answeredAlready(
  { repository }: ProposingHost,
  { pulls, applied }: Standing,
  wanted: WantedPull,
  login: string,
): Promise<string | undefined> {
  const last = pulls.find(({ author, state }) => author === login && state === "closed");
  const known = last && readDriftState(last.body);
  if (!last || !known) return undefined;
  if (last.mergedAt === null)
    return known.digest === wanted.digest ? `#${last.number} was closed, and the drift is still the same` : undefined;
  if (wanted.edits || wanted.reverts === "" || known.reverts !== wanted.reverts) return undefined;
  const isApplied =
    last.mergeCommit === null || (applied !== null && (await repository.isAncestor(last.mergeCommit, applied)));
  return isApplied ? undefined : `#${last.number} is merged, and waits to be applied`;
}

function push(host: ProposingHost, { branch, tip }: Standing, commit: string | null): Promise<boolean> {
  return pushBranch(host, branch, commit, tip);
}

async function leaveAlone(
  { reader, writer }: ProposingHost,
  { target, branch }: Standing,
  open: Pull | undefined,
  isDrifting: boolean,
  isOwn: boolean,
): Promise<KeptPull> {
  const why = isOwn
    ? `#${open?.number} of ${branch} is not Rolebook's own`
    : `${branch} has commits that are not Rolebook's own`;
  if (open) {
    const marker = driftMarker("left-alone", target);
    const text = isDrifting
      ? "The branch is no longer Rolebook's alone, so it is left as it is, whatever drifts next. Merge it, or delete the branch: then Rolebook begins anew."
      : "The drift that this was about is gone. The branch is no longer Rolebook's alone, so it is left as it is.";
    await keepComment(reader, writer, open.number, marker, `${marker}\n${text}`);
  }
  return { state: "left-alone", why, ...(open ? { pull: open } : {}) };
}

/** The drift is gone: the pull request is closed by Rolebook and says so, so that the same drift may be proposed again. */
async function takeBack(host: ProposingHost, at: Standing, open: Pull | undefined, login: string): Promise<KeptPull> {
  const { writer } = host;
  const last = open ?? at.pulls.find(({ author }) => author === login);
  const known = last && last.mergedAt === null ? readDriftState(last.body) : undefined;
  if (last && known && known.digest !== "") {
    const gone = writeDriftState({ digest: "", reverts: "", deeds: new Map() });
    const text = "The drift that this was about is gone: Git and the platform agree again.";
    const body = `${driftMarker("pull", at.target)}\n${gone}\n${text}\n`;
    await writer.editPull(last.number, { body, ...(open ? { state: "closed" } : {}) });
    if (open) await writer.addComment(open.number, text);
  } else if (open) await writer.editPull(open.number, { state: "closed" });
  await push(host, at, null);
  return open ? { state: "closed", pull: open } : { state: "none" };
}

export interface WantedIssue {
  readonly title: string;
  /** Without markers. */
  readonly text: string;
  readonly digest: string;
}

/** Keeps the issue open while somebody has more than Git says; one that a person closed stays closed until that changes. */
export async function keepEscalation(
  { reader, writer }: ProposingHost,
  target: string,
  wanted: WantedIssue | undefined,
): Promise<void> {
  const marker = driftMarker("escalation", target);
  const own = (await reader.ownIssues("all")).filter(({ body }) => body.startsWith(marker));
  const open = own.filter(({ state }) => state === "open");
  if (!wanted) {
    for (const { number, body } of own)
      if (readDriftState(body)?.digest !== "") {
        const gone = writeDriftState({ digest: "", reverts: "", deeds: new Map() });
        await writer.editIssue(number, { body: `${marker}\n${gone}\nThe drift is gone.\n`, state: "closed" });
      }
    return;
  }
  const { title, text, digest } = wanted;
  const body = `${marker}\n${writeDriftState({ digest, reverts: "", deeds: new Map() })}\n${text}`;
  const [first, ...more] = open;
  // Two runs may have opened one each.
  for (const { number } of more) await writer.editIssue(number, { state: "closed" });
  if (first) {
    if (first.title !== title || !sameText(first.body, body)) await writer.editIssue(first.number, { title, body });
    return;
  }
  const last = own.at(-1);
  const known = last && readDriftState(last.body)?.digest;
  // What comes and goes is one story: the issue that Rolebook closed itself is opened again, unless a person has closed one since.
  if (last && known === "") await writer.editIssue(last.number, { title, body, state: "open" });
  else if (!own.some((issue) => readDriftState(issue.body)?.digest === digest)) await writer.openIssue({ title, body });
}
