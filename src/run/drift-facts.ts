// The news that looking for drift brings: that there is some, and that access is about to end. What is news is decided by its id:
// whoever tells it (`notify.ts`) tells the same id once.
import { groupOfSection, type State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { Drifted } from "../model/plan.ts";
import { attributedIn } from "../model/roster.ts";
import type { Target } from "../model/settings.ts";
import { daysUntil, hasEnded } from "../model/until.ts";
import { displayName } from "../plan/changes.ts";
import { digestOf } from "../plan/digest.ts";
import { describeDeed, describeShape } from "../report/discrepancies-text.ts";
import { counted } from "../report/phrase.ts";
import type { Fact } from "./notify.ts";

/** Lines of a text before the rest is a number. */
const LINES = 10;

export const driftFacts = { drift: driftFact, ending: endingFacts };

function driftFact(target: string, items: readonly Drifted[], url: string | undefined): Fact {
  const id = `drift ${target} ${digestOf(items.map(({ by: _, place: __, ...item }) => item))}`;
  const lines = items.slice(0, LINES).map((item) => {
    const deed = describeDeed(item);
    const who = deed === undefined ? "" : `, ${deed}`;
    return `${item.kind} ${item.name}: ${describeShape(item.shape, false)} (${item.effect})${who}`;
  });
  if (items.length > LINES) lines.push(`and ${counted(items.length - LINES, "more entity", "more entities")}`);
  const title = `${counted(items.length, "entity", "entities")} of ${target} drifted`;
  return { event: "drift", id, target, title, text: lines.join("\n"), ...(url === undefined ? {} : { url }) };
}

/** One fact for each access that ends within the days that the target warns of. */
function endingFacts({ name, timeZone, warnDays }: Target, want: State, now: Date): Fact[] {
  const facts: Fact[] = [];
  for (const [section, entities] of want) {
    if (groupOfSection(section) === undefined) continue;
    for (const entity of attributedIn(entities)) {
      const { until } = entity.attributes;
      if (typeof until !== "string" || hasEnded(until, now, timeZone)) continue;
      const days = daysUntil(until, now, timeZone);
      if (days === undefined || days > warnDays) continue;
      const who = displayName(entity, [want]);
      const id = `ending ${name} ${section}/${entity.local} ${until}`;
      facts.push({ event: "ending", id, target: name, title: `Access ends: ${who}`, text: `Until ${until}.` });
    }
  }
  return facts.sort((a, b) => compareText(a.id, b.id));
}
