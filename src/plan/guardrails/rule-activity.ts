// What the platform reports of people who hold something: whether they have a second factor, and when they were last
// active. What it does not report is not judged, and files know nothing of it.
import { type Entity, entityAt, type MemberFacts } from "../../model/entity.ts";
import type { Guardrail, PermissionSelector } from "../../model/guardrail.ts";
import { MEMBER } from "../../model/platform.ts";
import { STEP_ITEMS, type Steps } from "../../model/steps.ts";
import type { Breach } from "./breach.ts";
import { extentOfGrants, heldBy, holdsAny, ownerFor, selectIn } from "./selection.ts";
import { holdsTheSame, membersIn, type Person, type Survey } from "./survey.ts";
import { causeOf, holdText, holdValues } from "./words.ts";

type Reported = Guardrail & { readonly rule: "multi-factor" | "dormant-member" };

const DAY_MS = 86_400_000;

/** The fact that a rule needs. */
export function factOf({ rule }: Reported): keyof MemberFacts {
  return rule === "multi-factor" ? "multiFactor" : "lastActive";
}

/** The permissions that a rule is about: without any, whatever somebody holds. */
function permissionsOf({ with: asked }: Reported): readonly PermissionSelector[] {
  return asked?.permissions ?? [{}];
}

export function* judgeFacts(guardrail: Reported, survey: Survey): Steps<Breach[]> {
  const { ground } = survey;
  const breaches: Breach[] = [];
  if (!ground.live || !ground.platform.reports.includes(factOf(guardrail))) return breaches;
  const selection = selectIn(survey, permissionsOf(guardrail));
  let count = 0;
  for (const entity of membersIn(survey)) {
    if (count++ % STEP_ITEMS === 0) yield;
    const complaint = complaintOf(guardrail, entity, ground.now);
    if (!complaint) continue;
    const member = entity.local;
    const person: Person = { member, parts: ground.view.partsOf(member) };
    if (!holdsAny(selection, survey, person)) continue;
    const extent = () => {
      const owner = ownerFor(selection, survey, person);
      return extentOfGrants(
        person.parts.flatMap((part) => selection.fitsIn(part, owner)),
        survey,
      );
    };
    breaches.push({
      subject: `member ${member}`,
      member,
      isIn: (other) => entityAt(other.ground.state, MEMBER, member) === entity && holdsTheSame(person, other),
      extent,
      cells: () => new Set(extent().keys()),
      describe: () => {
        const holds = heldBy(selection, survey, person);
        const what = holds[0] ? `holds ${holdText(holds[0], survey)}` : "";
        return {
          text: `${entity.name} ${what} and ${complaint.text}`,
          values: { ...holdValues(holds, survey), member: entity.name, ...complaint.values },
          ...causeOf(
            member,
            holds.map(({ path }) => path),
            survey,
          ),
        };
      },
    });
  }
  return breaches;
}

interface Complaint {
  readonly text: string;
  readonly values: Readonly<Record<string, string>>;
}

function complaintOf(guardrail: Reported, { facts, status }: Entity, now: Date): Complaint | undefined {
  if (guardrail.rule === "multi-factor")
    return facts?.multiFactor === false ? { text: "has no second factor", values: {} } : undefined;
  const last = facts?.lastActive;
  // Who is invited has had no chance to do anything yet.
  if (last === undefined || (last === null && status === "invited")) return undefined;
  const { days } = guardrail.with;
  const limit = String(days);
  if (last === null) return { text: "has never been active", values: { limit } };
  const idle = (now.getTime() - Date.parse(last)) / DAY_MS;
  if (!(idle > days)) return undefined;
  const count = String(Math.floor(idle));
  return { text: `was last active on ${last.slice(0, 10)}, ${count} days ago`, values: { limit, count } };
}
