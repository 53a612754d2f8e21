// Roster files on a campaign's branch as text: what of it is one entry, and where a decision stands, as an editor counts.
import type { CampaignDesk, RosterItem } from "./campaign.ts";
import type { Forge } from "./forge.ts";
import type { Folder } from "./world.ts";

export type IsMeant = (item: Pick<RosterItem, "member" | "through">) => boolean;

export interface RosterTexts {
  readonly path: (login: string) => string;
  readonly text: (login: string) => string;
  /** The text of one entry in somebody's file. */
  readonly part: (login: string, isMeant: IsMeant) => string;
  /** `file:line:column` of what is decided in an entry of somebody's file. */
  readonly spot: (login: string, isMeant: IsMeant) => string;
  /** The same of the last entry there. */
  readonly lastSpot: (login: string) => string;
}

/** What somebody holds through these groups. */
export function holds(login: string, ...groups: readonly string[]): IsMeant {
  return ({ member, through }) => member === `${login}@acme.example` && through?.join() === groups.join();
}

export function rosterTexts({ access }: Forge, desk: CampaignDesk, id: string): RosterTexts {
  const path = (login: string) => `policies/reviews/${id}/${login}.yaml`;
  const text = (login: string) => access.git("show", `${desk.branch}:${path(login)}`);
  const part = (login: string, isMeant: IsMeant) => {
    const items = desk.rosters().find((roster) => roster.path === path(login))?.items ?? [];
    const entry = items.find(isMeant)?.entry;
    const found = text(login)
      .split(/^(?= {2}- entry: )/m)
      .find((one) => one.startsWith(`  - entry: ${entry}\n`));
    if (found === undefined) throw new Error(`${login} has no such entry`);
    return found;
  };
  const spotFrom = (login: string, from: number) => {
    const whole = text(login);
    const lines = whole.slice(0, whole.indexOf("decision: ", from) + "decision: ".length).split("\n");
    return `${path(login)}:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
  };
  return {
    path,
    text,
    part,
    spot: (login, isMeant) => spotFrom(login, text(login).indexOf(part(login, isMeant))),
    lastSpot: (login) => spotFrom(login, text(login).lastIndexOf("  - entry: ")),
  };
}

/** Somebody cuts an entry out of one file and pastes it into another. */
export function moveEntry(folder: Folder, part: string, from: string, to: string): void {
  folder.edit(from, part, "");
  folder.write(to, `${folder.read(to)}${part}`);
}
