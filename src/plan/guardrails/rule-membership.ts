// What a membership must say of itself when its group gives something: when it ends, and why there is one. Only files say
// that, so what no file declares says neither; what somebody holds through no group cannot say it at all.
import { EMPTY_SECTION, type Entity, entityAt, membershipSection } from "../../model/entity.ts";
import type { Grant } from "../../model/grant.ts";
import type { Guardrail } from "../../model/guardrail.ts";
import { memo } from "../../model/lazy.ts";
import { GROUP, MEMBER } from "../../model/platform.ts";
import { attributedIn } from "../../model/roster.ts";
import { STEP_ITEMS, type Steps } from "../../model/steps.ts";
import { endOfAccess } from "../../model/until.ts";
import type { Breach, Described } from "./breach.ts";
import { extentOfGrants, type Hold, ownerFor, type Selection, selectIn } from "./selection.ts";
import { holdsTheSame, type Person, type Survey } from "./survey.ts";
import { causeOf, holdText, holdValues, permissionText, scopeText } from "./words.ts";

type Explaining = Guardrail & { readonly rule: "time-limit" | "reason-required" };

/** What a rule asks of one membership. */
interface Demand {
  /** Whether what a file says of a membership is enough. */
  readonly isMet: (declared: Entity) => boolean;
  /** How bad it is that it is not, where it can be worse. */
  readonly badness?: (declared: Entity | undefined) => number;
  /** What is missing, after "ana is in Publishers". */
  readonly complaint: (declared: Entity | undefined) => string;
  /** The same of what is held through no group. */
  readonly directly: string;
  readonly limit?: string;
}

export function* judgeMemberships(guardrail: Explaining, survey: Survey): Steps<Breach[]> {
  const demand = demandOf(guardrail, survey);
  const permissions = guardrail.with?.permissions;
  const selection = permissions && selectIn(survey, permissions);
  const { ground, among } = survey;
  const breaches = selection ? yield* judgeDirect(selection, demand, survey) : [];
  for (const giving of groupsGiving(selection, survey)) {
    yield;
    const section = membershipSection(giving.group);
    const place = placeOf(demand, giving, survey);
    const fine = new Set<string>();
    for (const declared of attributedIn(ground.declared.get(section) ?? EMPTY_SECTION))
      if (demand.isMet(declared)) fine.add(declared.local);
    for (const member of ground.state.get(section)?.keys() ?? [])
      if (!fine.has(member) && (among?.has(member) ?? true) && giving.isMeant(member))
        breaches.push(new Unexplained(member, place));
  }
  return breaches;
}

function demandOf(guardrail: Explaining, survey: Survey): Demand {
  if (guardrail.rule === "reason-required")
    return {
      isMet: ({ attributes: { reason } }) => typeof reason === "string" && reason.trim() !== "",
      complaint: () => "without a reason",
      directly: "for which there can be no reason",
    };
  const { target, now } = survey.ground;
  const { days } = guardrail.with;
  const limit = days === undefined ? undefined : dayFrom(now, days, target.timeZone);
  const last = limit === undefined ? Number.POSITIVE_INFINITY : (endOfAccess(limit, target.timeZone) ?? 0);
  const endOf = (declared: Entity | undefined) => {
    const until = declared?.attributes.until;
    return typeof until === "string" ? endOfAccess(until, target.timeZone) : undefined;
  };
  return {
    isMet: (declared) => (endOf(declared) ?? Number.POSITIVE_INFINITY) <= last && endOf(declared) !== undefined,
    badness: (declared) => endOf(declared) ?? Number.POSITIVE_INFINITY,
    complaint: (declared) =>
      endOf(declared) === undefined
        ? "without an end"
        : `until ${String(declared?.attributes.until)}, which is later than ${limit} (${days} days from now)`,
    directly: "which has no end",
    ...(limit === undefined ? {} : { limit }),
  };
}

const DAY_MS = 86_400_000;
/** Later days are no dates that anybody could write. */
const LAST_DAY = Date.parse("9999-12-31T00:00:00Z");

/** The day that is so many days after today, in a zone. */
function dayFrom(now: Date, days: number, timeZone: string): string {
  const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
  const candidates = [-1, 0, 1].map((shift) => now.getTime() + shift * DAY_MS);
  // Today is the first day that has not ended there.
  const today = candidates.find((time) => (endOfAccess(dayOf(time), timeZone) ?? 0) >= now.getTime()) ?? now.getTime();
  return dayOf(Math.min(today + days * DAY_MS, LAST_DAY));
}

interface Giving {
  /** Folded name. */
  readonly group: string;
  /** Of what is asked for, something that the group gives; absent where anything will do. */
  readonly gives?: Hold;
  /** All of it. */
  readonly grants: () => readonly Grant[];
  readonly isMeant: (member: string) => boolean;
  /** Whether it matters who could give themselves anything. */
  readonly asksOwner: boolean;
}

/** The groups that give any of it; without a selection, all of them. */
function groupsGiving(selection: Selection | undefined, survey: Survey): Giving[] {
  const { platform, state, view } = survey.ground;
  const partOf = (group: string) => survey.partOf(group) ?? [];
  if (!selection)
    return [...(state.get(GROUP)?.keys() ?? [])].map((group) => {
      return { group, grants: () => partOf(group), isMeant: () => true, asksOwner: false };
    });
  const giving = new Map<string, Giving>();
  const isOwner = (member: string) => survey.isOwner({ member, parts: view.partsOf(member) });
  for (const owner of [false, true])
    for (const part of survey.groupParts())
      for (const gives of selection.holdsIn(part, owner)) {
        const group = gives.path.group === undefined ? undefined : platform.fold(gives.path.group);
        if (group !== undefined && !giving.has(group))
          giving.set(group, {
            group,
            gives,
            grants: () => selection.fitsIn(partOf(group), owner),
            isMeant: owner ? isOwner : () => true,
            asksOwner: owner,
          });
      }
  return [...giving.values()];
}

/** One group that gives what is asked for, and what its memberships must say. */
interface Place {
  readonly demand: Demand;
  readonly giving: Giving;
  readonly survey: Survey;
  /** Whether nothing has changed around the group: neither who is in it, nor what files say of them, nor what it gives. */
  readonly isUntouched: (other: Survey) => boolean;
}

function placeOf(demand: Demand, giving: Giving, survey: Survey): Place {
  const { ground } = survey;
  const section = membershipSection(giving.group);
  const isUntouched = memo(
    (other: Survey) =>
      ground.state.get(section) === other.ground.state.get(section) &&
      ground.declared.get(section) === other.ground.declared.get(section) &&
      survey.partOf(giving.group) === other.partOf(giving.group),
  );
  return { demand, giving, survey, isUntouched };
}

/** A class, since there may be very many: they share what they can be asked. */
class Unexplained implements Breach {
  readonly member: string;
  readonly group: string;
  readonly #place: Place;

  constructor(member: string, place: Place) {
    this.member = member;
    this.group = place.giving.group;
    this.#place = place;
  }

  get subject(): string {
    return `member ${this.member} in ${this.group}`;
  }

  get #declared(): Entity | undefined {
    return entityAt(this.#place.survey.ground.declared, membershipSection(this.group), this.member);
  }

  isIn(other: Survey): boolean {
    const { giving, survey, isUntouched } = this.#place;
    const { member } = this;
    if (!isUntouched(other)) return false;
    return !giving.asksOwner || holdsTheSame({ member, parts: survey.ground.view.partsOf(member) }, other);
  }

  /** What the group gives of what is asked for, and how bad it is where the demand can be missed by more or less. */
  extent(): ReadonlyMap<string, number> {
    const { demand, giving, survey } = this.#place;
    return extentOfGrants(giving.grants(), survey).set("", demand.badness?.(this.#declared) ?? 0);
  }

  cells(): ReadonlySet<string> {
    return new Set(this.#place.giving.grants().map(({ resource, scope }) => `${resource}\n${scope}`));
  }

  describe(): Described {
    const { demand, giving, survey } = this.#place;
    const { gives } = giving;
    const [person, name] = [survey.nameOf(MEMBER, this.member), survey.nameOf(GROUP, this.group)];
    const what = gives ? `, which gives ${permissionText(gives, survey)} ${scopeText(gives.scope)},` : "";
    return {
      text: `${person} is in ${name}${what} ${demand.complaint(this.#declared)}`,
      values: {
        ...(gives ? holdValues([gives], survey) : {}),
        member: person,
        group: name,
        ...(demand.limit === undefined ? {} : { limit: demand.limit }),
      },
      ...causeOf(this.member, [{ group: name }], survey),
    };
  }
}

/** What people hold through no group. */
function* judgeDirect(selection: Selection, demand: Demand, survey: Survey): Steps<Breach[]> {
  const direct = (person: Person) => {
    const owner = ownerFor(selection, survey, person);
    return person.parts.flatMap((part) =>
      selection.holdsIn(part, owner).filter(({ path }) => path.group === undefined),
    );
  };
  const inGroups = new Set(survey.groupParts());
  const breaches: Breach[] = [];
  const suspects = yield* survey.holding(
    (part) => !inGroups.has(part) && selection.holdsIn(part, true).some(({ path }) => path.group === undefined),
  );
  for (const [index, person] of suspects.entries()) {
    if (index % STEP_ITEMS === 0) yield;
    const { member } = person;
    const holds = direct(person);
    const [hold] = holds;
    if (!hold) continue;
    const name = survey.nameOf(MEMBER, member);
    breaches.push({
      subject: `member ${member}`,
      member,
      isIn: (other) => holdsTheSame(person, other),
      extent: () => new Map(holds.map(({ resource, scope }) => [`${resource}\n${scope}`, 0])),
      cells: () => new Set(holds.map(({ resource, scope }) => `${resource}\n${scope}`)),
      describe: () => ({
        text: `${name} holds ${holdText(hold, survey)}, ${demand.directly}`,
        values: {
          member: name,
          ...holdValues(holds, survey),
          ...(demand.limit === undefined ? {} : { limit: demand.limit }),
        },
        ...causeOf(member, [hold.path], survey),
      }),
    });
  }
  return breaches;
}
