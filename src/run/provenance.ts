// Where access comes from: for each path of a grant the part of it that came last, with the change that an apply made, who agreed to
// it and in which pull request; where no apply made it, the commit since which the files say it. It claims nothing that neither
// the ledger nor Git's history says.
import { appliedChanges, type Runs, readRuns } from "../git/applied-changes.ts";
import { GitError } from "../git/error.ts";
import { openLedger } from "../git/ledger.ts";
import type { MainlineCommit } from "../git/mainline.ts";
import { type Entity, entityAt, NO_ATTRIBUTES, type State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { AppliedChange } from "../model/past.ts";
import { kindSpec, type Platform } from "../model/platform.ts";
import type { ReviewEvidence } from "../model/receipt.ts";
import type { Provenance } from "../model/review.ts";
import type { Target } from "../model/settings.ts";
import { type Gift, type GiftIndex, giftAt, indexGifts, piecesIn } from "../plan/gifts.ts";
import { comparedAttributes } from "../plan/leaves.ts";
import { type Origin, UNKNOWN, UNTOLD } from "../plan/origin.ts";
import { createPathOrigins, type PartOrigins, type PathAsked } from "../plan/provenance.ts";
import type { Context } from "./context.ts";
import type { Workspace } from "./workspace.ts";
import { readWritten, type Writing, type Written, type WrittenAsked } from "./written.ts";

/** What provenance is asked of. */
export interface ProvenanceGround {
  readonly target: Target;
  readonly platform: Platform;
  /** Everything that the files of the workspace's commit say, entries whose end has passed among them; with places. */
  readonly declared: State;
  /** What applies had made by the moment that is asked about; all that they made without it. */
  readonly applied?: readonly AppliedChange[];
}

export type PathQuestion = PathAsked;

/** Answers at once: everything was read when it was opened. */
export interface Provenances {
  /** Of the part of the path that came last. The same object for paths that come from the same. */
  readonly ofPath: (question: PathQuestion) => Provenance;
  /** Of an entity that files declare: since when there is one. */
  readonly ofEntity: (section: string, local: string) => Provenance;
  /** Of a change that an apply made. */
  readonly ofChange: (change: AppliedChange) => Provenance;
}

/** Reads the ledger and as much of Git's history as it takes. Outside Git nothing is known. */
export async function openProvenances(
  context: Context,
  workspace: Workspace,
  ground: ProvenanceGround,
): Promise<Provenances> {
  const { repository, commit } = workspace;
  const runs = repository ? await readRuns(openLedger(repository), ground.target.name) : { starts: [], receipts: [] };
  const changes = ground.applied ?? appliedChanges(runs.starts, runs.receipts);
  const applied = indexGifts(stepsOf(changes), ground.platform, ground.declared);
  const isChanged = await changedFiles(workspace);
  const wanted = filesInDoubt(ground, applied, (file) => pathOf(workspace, file));
  const written =
    commit === null
      ? undefined
      : await readGit(context, { ...ground, workspace, commit, isWanted: (path) => wanted.has(path), isChanged });
  const words = new Words(workspace, runs, written);
  const origins = originsOf(ground, applied, written, words);
  return {
    ofPath: createPathOrigins(ground.platform, ground.declared, origins),
    ofEntity: (section, local) => origins.made(section, local)?.provenance ?? UNKNOWN,
    ofChange: (change) =>
      words.ofApplied(change, entityAt(ground.declared, change.change.section, change.change.local)?.place?.file),
  };
}

/** Applied changes as steps of an index. */
export function* stepsOf(changes: readonly AppliedChange[]) {
  for (const source of changes) {
    const { kind, section, local, before, after } = source.change;
    yield { kind, section, local, before, after, source };
  }
}

/** Which files are not as the commit has them, by their paths from the root. */
async function changedFiles({ repository, uncommitted, folder }: Workspace): Promise<(path: string) => boolean> {
  const changed = new Set(uncommitted && repository ? await repository.dirtyPaths(folder) : []);
  return (path) => changed.has(path);
}

/** Undefined where this clone lacks what it takes. */
async function readGit(context: Context, asked: WrittenAsked): Promise<Written | undefined> {
  try {
    return await readWritten(context, asked);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    context.err(
      `Warning: Git's history cannot be read here, so that what no apply made has no origin: ${error.message}\n`,
    );
    return undefined;
  }
}

/** A place's file as a path from the repository's root. */
function pathOf({ folder, shown }: Workspace, file: string): string {
  const inside = file.startsWith(`${shown}/`) ? file.slice(shown.length + 1) : file;
  return folder === "" ? inside : `${folder}/${inside}`;
}

/** Files that say something which no apply made: Git's history is asked about those alone. */
function filesInDoubt(
  { declared, platform }: ProvenanceGround,
  applied: GiftIndex<AppliedChange>,
  pathOfFile: (file: string) => string,
): ReadonlySet<string> {
  const files = new Set<string>();
  for (const [section, entities] of declared)
    for (const entity of entities.values()) {
      const file = entity.place?.file;
      if (file === undefined || files.has(file)) continue;
      const isMade = applied.madeBy(section, entity.local)?.source !== undefined;
      if (!isMade || !isGiven(entity, platform, applied)) files.add(file);
    }
  return new Set([...files].map(pathOfFile));
}

/** Whether applies made all that an entity has. */
function isGiven(
  { kind, section, local, attributes }: Entity,
  platform: Platform,
  applied: GiftIndex<AppliedChange>,
): boolean {
  const spec = attributes === NO_ATTRIBUTES ? undefined : kindSpec(platform, kind);
  return (spec ? comparedAttributes(spec) : []).every(([name, attribute]) => {
    const pieces = applied.piecesOf(section, local, name);
    const said = piecesIn(attribute, attributes[name], platform.fold);
    return [...said.keys()].every((piece) => giftAt(pieces.get(piece), 0)?.source !== undefined);
  });
}

/** What is known of each part: by the ledger, else by Git. */
function originsOf(
  { declared }: ProvenanceGround,
  applied: GiftIndex<AppliedChange>,
  written: Written | undefined,
  words: Words,
): PartOrigins {
  const whose = (section: string, local: string) => entityAt(declared, section, local)?.place?.file;
  const of = (
    section: string,
    local: string,
    giftIn: <Source>(index: GiftIndex<Source>) => Gift<Source> | undefined,
  ): Origin | undefined => {
    const made = giftIn(applied)?.source;
    const file = whose(section, local);
    if (made) return words.originOfApplied(made, file);
    if (!written) return UNTOLD;
    const writing = (file === undefined ? undefined : words.ofWholeFile(file)) ?? giftIn(written.index)?.source;
    return writing && words.originOfWritten(writing);
  };
  return {
    made: (section, local) => of(section, local, (index) => index.madeBy(section, local)),
    piece: (section, local, attribute, piece, rank) =>
      of(section, local, (index) => giftAt(index.piecesOf(section, local, attribute).get(piece), rank)),
  };
}

/** Sources as provenance, each one object. */
class Words {
  readonly #workspace: Workspace;
  readonly #written: Written | undefined;
  readonly #bases: ReadonlyMap<string, string | null>;
  readonly #known = new Map<string, Provenance>();
  readonly #origins = new WeakMap<MainlineCommit, Map<string, Origin>>();

  constructor(workspace: Workspace, { receipts }: Runs, written: Written | undefined) {
    this.#workspace = workspace;
    this.#written = written;
    this.#bases = new Map(receipts.map(({ startedAt, digest, base }) => [`${startedAt} ${digest}`, base]));
  }

  ofWholeFile(file: string): Writing | undefined {
    return this.#written?.ofFile(pathOf(this.#workspace, file));
  }

  originOfApplied(change: AppliedChange, file: string | undefined): Origin {
    return { at: Date.parse(change.endedAt), provenance: this.ofApplied(change, file) };
  }

  originOfWritten(writing: Writing): Origin {
    const { commit } = writing;
    // What the last commit that is here has may be older than that.
    if (commit.isEdge) return { at: Date.parse(commit.at), provenance: UNKNOWN };
    const origins = this.#origins.get(commit) ?? new Map<string, Origin>();
    this.#origins.set(commit, origins);
    const known = origins.get(writing.path);
    if (known) return known;
    const origin = { at: Date.parse(commit.at), provenance: this.#share(this.#ofWriting(writing)) };
    origins.set(writing.path, origin);
    return origin;
  }

  #ofWriting({ commit, path }: Writing): Provenance {
    return {
      how: "written",
      since: commit.at,
      commit: commit.commit,
      pull: commit.saidPull,
      author: this.#written?.mainline.authorOf(commit, path) ?? null,
      approvers: [],
    };
  }

  /** `file` says what was applied, as the files are now. */
  ofApplied(change: AppliedChange, file?: string): Provenance {
    const { endedAt, commit, approval } = change;
    const step = this.#stepOf(change, file === undefined ? undefined : pathOf(this.#workspace, file));
    const { pull, reviews } = this.#pullOf(approval.evidence ?? [], step);
    const isEmergency = approval.how === "break-glass";
    const people = reviews.length > 0 ? reviews.map(({ member }) => member) : [approval.by];
    const nobody = isEmergency || approval.how === "none";
    return this.#share({
      how: "applied",
      since: endedAt,
      commit: step?.commit.commit ?? commit,
      pull,
      author: step ? this.#authorOf(step) : null,
      approvers: nobody ? [] : [...new Set(people)].sort(compareText),
      ...(isEmergency ? { emergency: true, emergencyBy: approval.by } : {}),
    });
  }

  #authorOf({ commit, path }: Partial<Writing> & Pick<Writing, "commit">): string | null {
    if (path !== undefined) return this.#written?.mainline.authorOf(commit, path) ?? null;
    const authors = new Set(commit.files.map((file) => this.#written?.mainline.authorOf(commit, file.path) ?? null));
    const [only = null, ...others] = authors;
    return others.length === 0 ? only : null;
  }

  /**
   * The commit of the branch that brought an applied change, among those since the apply before it: the only one that changed
   * the file, else the only one there was.
   */
  #stepOf(change: AppliedChange, path: string | undefined): (Partial<Writing> & Pick<Writing, "commit">) | undefined {
    if (!this.#written) return undefined;
    const { mainline, commitsOf } = this.#written;
    const base = this.#bases.get(`${change.startedAt} ${change.approval.digest}`) ?? null;
    const [from, to] = [base === null ? -1 : mainline.positions.get(base), mainline.positions.get(change.commit)];
    if (from === undefined || to === undefined) return undefined;
    const isWithin = ({ position, isEdge }: MainlineCommit) => !isEdge && position > from && position <= to;
    const [own, ...more] = path === undefined ? [] : commitsOf(path).filter(isWithin);
    if (own && path !== undefined && more.length === 0) return { commit: own, path };
    const [only, ...others] = mainline.commits.filter(isWithin);
    return only && others.length === 0 ? { commit: only } : undefined;
  }

  /** The pull request, by the reviews; where these are of several, the one that the commit's subject names. */
  #pullOf(evidence: readonly ReviewEvidence[], step: Pick<Writing, "commit"> | undefined) {
    const pulls = new Set(evidence.map(({ pull }) => pull));
    const said = step?.commit.saidPull ?? null;
    const [first = null] = pulls;
    const pull = pulls.size === 1 ? first : pulls.size === 0 || (said !== null && pulls.has(said)) ? said : null;
    return { pull, reviews: pull === null ? evidence : evidence.filter((review) => review.pull === pull) };
  }

  #share(provenance: Provenance): Provenance {
    const key = JSON.stringify(provenance);
    const known = this.#known.get(key) ?? provenance;
    this.#known.set(key, known);
    return known;
  }
}
