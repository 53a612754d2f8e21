// Links to the repository on the web: a line of a file, a commit, a pull request. They lead there or nowhere: an address begins with the
// repository's own, and whatever comes from a name is encoded behind it.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { PackedReview } from "../model/review-page.ts";

export interface Links {
  readonly file: (target: number, file: string, line: number) => string | undefined;
  readonly commit: (id: string) => string | undefined;
  readonly pull: (number: number) => string | undefined;
}

const COMMIT = /^[0-9a-f]{40,64}$/;

export function linksOf({ url, folder, targets }: Pick<PackedReview, "url" | "folder" | "targets">): Links {
  const home = url !== null && /^https?:\/\/[^\s"'<>\\]+$/.test(url) ? url : undefined;
  const below = (...parts: readonly string[]) =>
    home === undefined ? undefined : [home, ...parts.map(encodeURIComponent)].join("/");
  return {
    file: (target, file, line) => {
      const commit = targets[target]?.commit ?? "";
      // A place outside the folder where the command ran has no place in the repository that is known here.
      const page =
        COMMIT.test(commit) && !file.startsWith("/")
          ? below("blob", commit, ...segmentsOf(`${folder}${file}`))
          : undefined;
      return page && `${page}#L${line}`;
    },
    commit: (id) => (COMMIT.test(id) ? below("commit", id) : undefined),
    pull: (number) => below("pull", String(number)),
  };
}

/** Of a path that may go up and down, without a way out of its root. */
function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (const segment of path.split("/"))
    if (segment === "..") segments.pop();
    else if (segment !== "." && segment !== "") segments.push(segment);
  return segments;
}

const LinksContext = createContext<Links | undefined>(undefined);
export const LinksProvider = LinksContext.Provider;

interface OutProps {
  readonly to: string | undefined;
  readonly children: preact.ComponentChildren;
}

/** A link, where it leads somewhere. */
function Out({ to, children }: OutProps) {
  return to === undefined ? (
    <span>{children}</span>
  ) : (
    <a href={to} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

export function FileLine({ target, file, line }: { target: number; file: string; line: number }) {
  return (
    <Out to={useContext(LinksContext)?.file(target, file, line)}>
      <code>{`${file}:${line}`}</code>
    </Out>
  );
}

export function Commit({ id }: { id: string }) {
  return (
    <Out to={useContext(LinksContext)?.commit(id)}>
      <code>{COMMIT.test(id) ? id.slice(0, 8) : id}</code>
    </Out>
  );
}

export function Pull({ number }: { number: number }) {
  return <Out to={useContext(LinksContext)?.pull(number)}>{`#${number}`}</Out>;
}
