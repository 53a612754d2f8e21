// Stories of access as JSON (schemas/output/history.json). It refuses to leave a property out: what is not known, or is no part of an
// event of that sort, is null.
import type {
  Story,
  StoryDeed,
  StoryDetail,
  StoryDrift,
  StoryEvent,
  StoryMove,
  StoryReview,
} from "../model/history.ts";
import { type ProvenanceJson, provenanceToJson } from "./review-json.ts";

export interface StoryDeedJson extends Omit<StoryDeed, "renamedFrom" | "details"> {
  readonly renamedFrom: string | null;
  readonly details: readonly StoryDetail[];
}

export interface StoryEventJson {
  readonly at: string;
  readonly event: StoryEvent["event"];
  readonly deeds: readonly StoryDeedJson[];
  readonly moves: readonly StoryMove[] | null;
  readonly names: readonly string[];
  readonly drift: StoryDrift | null;
  readonly review: StoryReview | null;
  readonly provenance: ProvenanceJson | null;
  readonly reason: string | null;
}

export interface StoryJson extends Omit<Story, "events"> {
  readonly events: readonly StoryEventJson[];
}

export interface HistoryJson {
  readonly version: 1;
  readonly login: string | null;
  readonly stories: readonly StoryJson[];
}

/** Whose stories are told. */
export interface ToldHistory {
  /** On the Git host; null where the settings do not say it. */
  readonly login: string | null;
  readonly stories: readonly Story[];
}

/** As text, ending in a newline. */
export function renderHistoryJson(told: ToldHistory): string {
  return `${JSON.stringify(historyToJson(told))}\n`;
}

export function historyToJson({ login, stories }: ToldHistory): HistoryJson {
  return {
    version: 1,
    login,
    stories: stories.map(({ target, subject, name, formerly, events }) => ({
      target,
      subject,
      name,
      formerly: [...formerly],
      events: events.map(eventToJson),
    })),
  };
}

function eventToJson(event: StoryEvent): StoryEventJson {
  const none = { deeds: [], moves: null, names: [], drift: null, review: null, provenance: null, reason: null };
  const head = { ...none, at: event.at, event: event.event };
  switch (event.event) {
    case "applied": {
      const { deeds, moves, provenance, reason } = event;
      return {
        ...head,
        deeds: deeds.map(deedToJson),
        moves,
        provenance: provenanceToJson(provenance),
        reason: reason ?? null,
      };
    }
    case "adopted":
      return { ...head, names: event.names, provenance: provenanceToJson(event.provenance) };
    case "drifted":
    case "settled":
      return { ...head, drift: event.drift };
    case "reviewed":
      return { ...head, review: event.review };
    default:
      return event satisfies never;
  }
}

function deedToJson({ kind, name, action, origin, renamedFrom, details }: StoryDeed): StoryDeedJson {
  return { kind, name, action, origin, renamedFrom: renamedFrom ?? null, details };
}
