// Who holds what nobody around them holds: each person is compared with those who share a group with them. It knows nothing of
// whether that is wrong.
import { EMPTY_SECTION, membershipSection } from "../../model/entity.ts";
import type { Grant } from "../../model/grant.ts";
import { memo } from "../../model/lazy.ts";
import { MEMBER } from "../../model/platform.ts";
import { cellOf, type ReviewGround } from "./ground.ts";

/** Members that a group must have before they are compared with each other. */
export const PEER_GROUP = 3;

/** The highest level that anybody holds of something, and how many hold it. */
interface Best {
  rank: number;
  count: number;
}

/**
 * Whether a grant is an outlier: the person is in a group of at least `PEER_GROUP` members, and in no such group does anybody else
 * hold that resource in that scope at that level or a higher one. Whoever is in no such group has nobody to be compared with: then
 * it is what they hold through no group and nobody else holds at all.
 */
export function createPeers(ground: ReviewGround): (member: string, grant: Grant) => boolean {
  const { live, liveView } = ground.reviewed;
  const everyone = live.get(MEMBER) ?? EMPTY_SECTION;
  const bestIn = memo((group: string): ReadonlyMap<string, Best> | undefined => {
    const members = [...(live.get(membershipSection(group))?.keys() ?? [])].filter((member) => everyone.has(member));
    return members.length < PEER_GROUP ? undefined : bestOf(members, ground);
  });
  const bestOfAll = memo((_: "all") => bestOf(liveView.members(), ground));
  return (member, grant) => {
    const groups = ground.groupsOf(member).flatMap((group) => bestIn(group) ?? []);
    if (groups.length > 0) return groups.every((best) => isAlone(grant, best, ground));
    return grant.via.every(({ group }) => group === undefined) && isAlone(grant, bestOfAll("all"), ground);
  };
}

function isAlone(grant: Grant, best: ReadonlyMap<string, Best>, { reviewed: { platform } }: ReviewGround): boolean {
  const known = best.get(cellOf(grant));
  return known !== undefined && known.count === 1 && known.rank === platform.rankOf(grant.resource, grant.level);
}

/** People who hold the same share one list, so that each list is looked at once. */
function bestOf(members: Iterable<string>, { reviewed: { platform, liveView } }: ReviewGround): Map<string, Best> {
  const lists = new Map<readonly Grant[], number>();
  for (const member of members) {
    const grants = liveView.grantsOf(member);
    lists.set(grants, (lists.get(grants) ?? 0) + 1);
  }
  const found = new Map<string, Best>();
  for (const [grants, count] of lists)
    for (const grant of grants) {
      const rank = platform.rankOf(grant.resource, grant.level);
      const known = found.get(cellOf(grant));
      if (!known || rank > known.rank) found.set(cellOf(grant), { rank, count });
      else if (rank === known.rank) known.count += count;
    }
  return found;
}
