// Tells what is held where people look: a comment on each pull request, a check on its head that a later review can be of, and one
// issue a target. All of it is kept true, run after run. That telling fails never undoes what was applied: the next run makes it good.
import { createHash } from "node:crypto";
import { compareText } from "../model/finding.ts";
import type { HostReader, HostWriter, Pull } from "../model/host.ts";
import type { Held } from "../model/merged.ts";
import { readShown, type Shown, writeShown } from "../model/shown.ts";
import { planDigest } from "../plan/digest.ts";
import {
  heldMarker,
  readHeldPulls,
  renderHeldCheck,
  renderHeldComment,
  renderHeldIssue,
} from "../report/merged-markdown.ts";
import { keepComment, keepIssue } from "./host.ts";
import type { TargetStory } from "./merged-target.ts";
import { CHECK_NAME } from "./reviews.ts";

/** Keeps everything that is told of a target true. Throws `HostError`; what was told until then stays. */
export async function tellHeld(reader: HostReader, writer: HostWriter, story: TargetStory): Promise<void> {
  const { outcome, pulls } = story;
  // A target of which nothing was looked at has no news.
  if (outcome.refused !== undefined && outcome.held.length === 0) return;
  const { target, held } = outcome;
  const marker = heldMarker(target);
  const issue = (await reader.ownIssues("open")).find(({ body }) => body.startsWith(marker));
  const { app } = await reader.self();
  const known = new Map(pulls.map((pull) => [pull.number, pull]));
  const numbers = new Set([
    ...held.flatMap(({ pull }) => pull ?? []),
    ...readHeldPulls(issue?.body ?? ""),
    ...known.keys(),
  ]);
  for (const number of [...numbers].sort((one, other) => one - other)) {
    const own = held.filter(({ pull }) => pull === number);
    if (own.length > 0 && app !== undefined)
      await showOnHead(reader, writer, app, target, own, known.get(number) ?? (await reader.pull(number)));
    await keepHeldComment(reader, writer, number, target, own, app !== undefined);
  }
  // Last: it is what remembers which comments are to be put right.
  await keepIssue(reader, writer, marker, held.length === 0 ? null : renderHeldIssue(target, held));
}

/** A pull request of which nothing was ever held has no comment about that. */
async function keepHeldComment(
  reader: HostReader,
  writer: HostWriter,
  number: number,
  target: string,
  held: readonly Held[],
  canCheck: boolean,
): Promise<void> {
  const marker = heldMarker(target);
  const { login } = await reader.self();
  const isThere = async () =>
    (await reader.comments(number)).some((comment) => comment.login === login && comment.body.startsWith(marker));
  if (held.length === 0 && !(await isThere())) return;
  await keepComment(reader, writer, number, marker, renderHeldComment(target, held, canCheck));
}

/** A new check where the last one shows something else of the target; what it shows of other targets is taken over. */
async function showOnHead(
  reader: HostReader,
  writer: HostWriter,
  app: string,
  target: string,
  held: readonly Held[],
  { head }: Pull,
): Promise<void> {
  const runs = (await reader.checkRuns(head.commit, CHECK_NAME)).filter((run) => run.app === app && run.completedAt);
  const before = readShown(runs.at(-1)?.text ?? "") ?? [];
  const now = shownOf(
    target,
    held,
    before.find((one) => one.target === target),
  );
  if (now === undefined) return;
  const shown = [...before.filter((one) => one.target !== target), now].sort((a, b) => compareText(a.target, b.target));
  const title = `Held on ${target}: ${held.length === 1 ? "1 change" : `${held.length} changes`}`;
  await writer.createCheck({
    name: CHECK_NAME,
    commit: head.commit,
    conclusion: "action_required",
    title,
    summary: title,
    text: `${renderHeldCheck(target, held)}\n${writeShown(shown)}`,
    annotations: [],
  });
}

const ID = /^[0-9a-f]{24}$/;

/** What is held, and whatever was shown before: who reviews now reviews all of it. Undefined when that is what is shown already. */
function shownOf(target: string, held: readonly Held[], before: Shown | undefined): Shown | undefined {
  const ids = (weakening: boolean) =>
    held.filter((item) => (item.weakening ?? false) === weakening && ID.test(item.change)).map(({ change }) => change);
  const [changes, weakens] = [ids(false), ids(true)];
  const isShown = ({ changes: shown, weakens: weakened }: Shown) =>
    shown !== undefined && changes.every((id) => shown.includes(id)) && weakens.every((id) => weakened.includes(id));
  if (changes.length + weakens.length === 0 || (before && isShown(before))) return undefined;
  const all = [...new Set([...(before?.changes ?? []), ...changes])].sort(compareText);
  const weakened = [...new Set([...(before?.weakens ?? []), ...weakens])].sort(compareText);
  return { target, digest: planDigest(target, all, weakened), changes: all, weakens: weakened };
}

/** What is held as one fact: the same things held are the same news. */
export function heldFact(target: string, held: readonly Held[]): string {
  const ids = held.map(({ change }) => change).sort(compareText);
  return `held ${target} ${createHash("sha256").update(JSON.stringify(ids)).digest("hex").slice(0, 24)}`;
}
