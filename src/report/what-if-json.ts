// What would become of people's access, as JSON (schemas/output/what-if.json). It refuses to leave a property out: what is not known
// is null.
import type { PlacedPath } from "../model/answers.ts";
import type { WhatBecomes, WhatIf, WhatIfEntity, WhatIfMember, WhatIfOutcome } from "../model/what-if.ts";
import { type PathJson, pathToJson } from "./answers-json.ts";
import { type FindingJson, findingToJson } from "./findings-json.ts";
import { headText, inChunks, listText, TAIL } from "./json-pieces.ts";

export interface WhatIfEntityJson {
  readonly kind: string;
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
}

export interface WhatIfOutcomeJson {
  readonly becomes: WhatBecomes;
  readonly resource: string;
  readonly scope: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly gone: readonly PathJson[];
  readonly left: readonly PathJson[];
}

export interface WhatIfJson extends Pick<WhatIf, "target" | "platform" | "source" | "commit" | "memberships"> {
  readonly version: 1;
  readonly refused: boolean;
  readonly minimumOwners: number;
  readonly edits: readonly string[];
  readonly removed: readonly WhatIfEntityJson[];
  readonly along: readonly WhatIfEntityJson[];
  readonly naming: readonly WhatIfEntityJson[];
  readonly owners: readonly {
    readonly scope: string | null;
    readonly before: number;
    readonly after: number;
    readonly lost: readonly string[];
  }[];
  readonly findings: readonly FindingJson[];
  /** Those who lose everything first; group by group. */
  readonly people: readonly {
    readonly member: string;
    readonly name: string;
    readonly losesEverything: boolean;
    readonly outcomes: readonly WhatIfOutcomeJson[];
  }[];
}

/** The answer as text, in pieces. */
export function renderWhatIfJson(answer: WhatIf): Iterable<string> {
  return inChunks(piecesOf(answer));
}

function* piecesOf(answer: WhatIf): Iterable<string> {
  yield* headText(headOf(answer));
  yield* listText("removed", answer.removed, entityToJson);
  yield* listText("along", answer.along, entityToJson);
  yield* listText("naming", answer.naming, entityToJson);
  yield* listText("owners", answer.owners, ({ scope, before, after, lost }) => ({
    ...{ scope: scope ?? null, before, after, lost },
  }));
  yield* listText("findings", answer.findings, findingToJson);
  yield* listText("people", peopleOf(answer), (person) => person);
  yield TAIL;
}

function headOf({ target, platform, source, commit, refused, minimumOwners, memberships, edits }: WhatIf) {
  return { version: 1, target, platform, source, commit, refused, minimumOwners, memberships, edits } as const;
}

/** A row for each person, one group after the other. */
function* peopleOf({ people }: WhatIf): Generator<WhatIfJson["people"][number]> {
  for (const { members, outcomes, losesEverything } of people)
    for (const person of members) {
      const { member, name } = person;
      yield { member, name, losesEverything, outcomes: outcomes.map((outcome) => outcomeToJson(outcome, person)) };
    }
}

function outcomeToJson(outcome: WhatIfOutcome, { memberships }: WhatIfMember): WhatIfOutcomeJson {
  const { becomes, resource, scope, before, after } = outcome;
  const placed = (path: PlacedPath) => {
    const membershipPlace = memberships.get(path.group ?? null);
    return pathToJson({ ...path, ...(membershipPlace ? { membershipPlace } : {}) });
  };
  return { becomes, resource, scope, before, after, gone: outcome.gone.map(placed), left: outcome.left.map(placed) };
}

function entityToJson({ kind, name, place }: WhatIfEntity): WhatIfEntityJson {
  return { kind, name, file: place?.file ?? null, line: place?.line ?? null };
}
