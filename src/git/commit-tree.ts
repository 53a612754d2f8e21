// A commit of a tree, by plumbing: what it is given decides every byte of it, and neither the machine's clock nor its identity does.
// It moves nothing.
import { runGit } from "./command.ts";
import { GitError } from "./error.ts";

export interface CommitParts {
  readonly tree: string;
  readonly parent: string | null;
  readonly message: string;
  /** Of the author and the committer: `Name <address>`. */
  readonly author: string;
  /** Seconds since 1970; the zone is UTC. */
  readonly seconds: number;
}

/** Writes a commit and returns its id. */
export async function commitTree(root: string, parts: CommitParts): Promise<string> {
  const { tree, parent, message, author, seconds } = parts;
  const [, name = "", email = ""] = /^\s*(.*?)\s*<([^<>\n]*)>\s*$/.exec(author) ?? [];
  if (name === "" || name.includes("\n")) throw new GitError(`not an author: ${JSON.stringify(author)}`);
  const date = `${seconds} +0000`;
  const { stdout } = await runGit(root, ["commit-tree", tree, ...(parent === null ? [] : ["-p", parent]), "-F", "-"], {
    input: message,
    environment: {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
      GIT_COMMITTER_DATE: date,
    },
  });
  return stdout.trim();
}
