// What decisions of a campaign come to in the files, as its targets are now. `status` asks while people still decide, so that they hear of
// what cannot be made before it is merged, and `close` makes it: by the very same solver. It reads Git and writes nothing.
import type { CampaignStart } from "../model/campaign.ts";
import type { Finding, Place } from "../model/finding.ts";
import type { CampaignState, FilledDecision } from "../plan/review/campaign-input.ts";
import { type Settlement, settleDecisions } from "../plan/review/settle.ts";
import { fetchBefore } from "./apply-record.ts";
import type { CampaignOptions, CampaignReading, CampaignsGround } from "./campaign-ground.ts";
import { withDefaults } from "./desired.ts";
import { isExpected } from "./expected.ts";
import { preparePlan } from "./prepare.ts";
import { type Concerned, type ConcernedTarget, namerOf } from "./review-close-ground.ts";

/** A decision with where it stands. */
export interface SettledDecision extends Omit<FilledDecision, "place"> {
  /** Somebody decided it. */
  readonly reviewed: boolean;
  readonly place?: Place | undefined;
}

/** The edits that make decisions, and what cannot be made. What is not decided is kept. */
export function settleCampaign(
  start: CampaignStart,
  decisions: ReadonlyMap<string, SettledDecision>,
  { targets, nameNow, at }: Pick<Concerned, "targets" | "nameNow" | "at">,
  day: string,
): Settlement {
  return settleDecisions({
    now: at,
    day,
    targets: targets.map(({ target, prepared: { platform, want, base, live, plan } }) => ({
      target,
      platform,
      want: withDefaults(want, platform),
      base: plan.base === null ? null : base,
      live,
    })),
    entries: start.entries.map((entry) => {
      const { decision, reviewed, place } = decisions.get(entry.id) ?? KEPT;
      return { entry, decision, reviewed, ...(place ? { place } : {}) };
    }),
    rows: start.rows,
    nameNow,
  });
}

const KEPT: SettledDecision = { decision: { decision: "keep" }, reviewed: false };

/**
 * Decisions that files cannot make, approved or not yet: of people about whom everything is decided, since what others decide of them
 * may change it. Nothing is said of targets that were not read.
 */
export async function unmadeDecisions(
  { host, workspace }: CampaignsGround,
  start: CampaignStart,
  { live, input: { now } }: CampaignReading,
  state: CampaignState,
  { connections }: CampaignOptions,
): Promise<Finding[]> {
  const decided = wholePeople(start, state);
  const taking = start.entries.filter(({ id }) => (decided.get(id)?.decision.decision ?? "keep") !== "keep");
  const wanted = new Set(taking.map(({ target }) => target));
  const targets: ConcernedTarget[] = [];
  for (const target of workspace.policies.settings?.targets ?? []) {
    const read = live.get(target.name);
    if (!read || !wanted.has(target.name)) continue;
    try {
      await fetchBefore(host.repository, host.remote, target.name);
      const options = { now, overwrite: [], ...(connections === undefined ? {} : { connections }) };
      const prepared = await preparePlan(workspace, target, Promise.resolve(read), options);
      targets.push({ target, prepared, live: read });
    } catch (error) {
      // What keeps a plan from being made is told by plans, and by `close`.
      if (!isExpected(error)) throw error;
    }
  }
  if (targets.length === 0) return [];
  const day = now.toISOString().slice(0, 10);
  const { findings } = settleCampaign(start, decided, { targets, nameNow: namerOf(start, targets), at: now }, day);
  return findings.map((finding) => ({ ...finding, hint: `${finding.hint} ${UNMERGED}` }));
}

const UNMERGED = "Until it is merged, another decision may stand there instead.";

/** The decisions about people of whom nothing is open. */
function wholePeople({ entries }: CampaignStart, { filled, vanished }: CampaignState) {
  const gone = new Set(vanished);
  const personOf = ({ target, member }: CampaignStart["entries"][number]) => JSON.stringify([target, member]);
  const open = new Set(entries.filter(({ id }) => !filled.has(id) && !gone.has(id)).map(personOf));
  return new Map(
    entries.flatMap((entry) => {
      const one = open.has(personOf(entry)) ? undefined : filled.get(entry.id);
      return one ? [[entry.id, { ...one, reviewed: true }] as const] : [];
    }),
  );
}
