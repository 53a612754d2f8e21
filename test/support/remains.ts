// What is left of a world in which an access review was held: on the host, in Git, on the ledger and on the platform; without what is
// another one in each world, so that two worlds that came to the same are equal.
import { type Forge, LEDGER_REF } from "./forge.ts";

/** What is another one each time: commits (also those written with digits alone), digests, addresses, instants. */
function plain({ url, github }: Forge, text: string | null): string {
  return (text ?? "")
    .replace(/(<!-- rolebook:shown \d+) [^>]*-->/g, "$1 -->")
    .replaceAll(url, "<platform>")
    .replaceAll(github.url, "<host>")
    .replace(/\b\d{8}T\d{9}Z\b/g, "<time>")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g, "<time>")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?/g, "<time>")
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<random>")
    .replace(/\b[0-9a-f]{64}\b/g, "<digest>")
    .replace(/\b[0-9a-f]{7,40}\b|(?<![\w-])\d{4,}(?![\w-])/g, "<id>");
}

/** Ids of blobs and counts of lines; and what a receipt says of changes that a killed apply had made already. */
const OF_EACH_WORLD = /^index |^@@ |^\+ *"cause": "sent by the interrupted run, and found in effect",$/;

const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** Everything that is left in the end, but for reminders. */
export function remains(forge: Forge) {
  const { access, simulator } = forge;
  const textOf = (ref: string, ...paths: readonly string[]) =>
    plain(forge, access.git("diff", "--no-color", EMPTY_TREE, ref, "--", ...paths))
      .split("\n")
      .filter((line) => !OF_EACH_WORLD.test(line));
  const historyOf = (ref: string) => plain(forge, access.git("log", "--format=%an <%ae> %s", ref)).split("\n");
  const { roles, groups, members, memberships } = simulator.dump();
  const bare = (rows: readonly object[]) => rows.map((row) => ({ ...row, version: 0, lastActiveAt: null }));
  const branches = access.git("for-each-ref", "--format=%(refname)", "refs/heads/").trim().split("\n");
  return {
    refs: access.git("for-each-ref", "--format=%(refname)").split("\n"),
    files: branches.filter((ref) => ref !== LEDGER_REF).map((ref) => [ref, textOf(ref)]),
    histories: branches.map((ref) => [ref, historyOf(ref)]),
    campaign: textOf(LEDGER_REF, "reviews/"),
    pulls: access.pulls().map(({ number, title, body, state, mergedAt, author, head, base }) => ({
      ...{ number, title, state, author, head: head.branch, base: base.branch, merged: mergedAt !== null },
      body: plain(forge, body),
      comments: access
        .comments(number)
        .filter(({ body: text }) => !isReminder(text))
        .map(({ login, body: text }) => [login, plain(forge, text)]),
      reviews: access.reviews(number).map(({ login, state: given }) => [login, given]),
      checks: access
        .checks(head.commit)
        .map(({ name, conclusion, title: said, summary }) => [name, conclusion, said, plain(forge, summary)]),
    })),
    issues: access.issues().map(({ title, body }) => [title, body]),
    platform: { roles: bare(roles), groups: bare(groups), members: bare(members), memberships },
    writes: simulator.counters.view().writes.map(({ operation, effects }) => [operation, effects]),
  };
}

/** Its parts, the telling ones first. */
export const PARTS = ["refs", "histories", "files", "campaign", "pulls", "issues", "platform", "writes"] as const;

/** Whether a comment is a reminder: of those, whoever died may have told fewer. */
export function isReminder(body: string): boolean {
  return body.startsWith("<!-- rolebook:review-reminder");
}
