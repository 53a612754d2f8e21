// The access of everyone before a plan, told from that after it: only those whom the plan can concern are looked at again.
// It trusts who that is, and finds out nothing by itself.
import { compareText } from "../../model/finding.ts";
import type { AccessView } from "../../model/platform.ts";

/** A view of everyone: of those who are `affected` what `few` knows (it knows no others), of the others what `rest` knows. */
export function joinViews(rest: AccessView, few: AccessView, affected: ReadonlySet<string>): AccessView {
  const viewOf = (member: string) => (affected.has(member) ? few : rest);
  let members: readonly string[] | undefined;
  return {
    members: () => {
      members ??= [...rest.members().filter((member) => !affected.has(member)), ...few.members()].sort(compareText);
      return members;
    },
    grantsOf: (member) => viewOf(member).grantsOf(member),
    partsOf: (member) => viewOf(member).partsOf(member),
    anyone: few.anyone,
  };
}
