// What the rules beside this file find, in a form that costs little for each of very many: words and places are worked out
// only for what is shown.
import type { Place } from "../../model/finding.ts";
import type { Survey } from "./survey.ts";

/** What is said of a breach. */
export interface Described {
  /** In the rule's own words: one sentence without the guardrail's name. */
  readonly text: string;
  /** Placeholder -> what it stands for, for a message of the author's own. */
  readonly values: Readonly<Record<string, string>>;
  /** The line that causes it. */
  readonly place?: Place;
  /** The entity that causes it, where no file declares it. */
  readonly key?: string;
}

/** Somebody or something that a guardrail is broken by. */
export interface Breach {
  /** Names it among those of one guardrail, and the same in another state. */
  readonly subject: string;
  /** What it consists of -> how bad that is. It gets worse when a part is added, or a number grows. Absent: it is or is not. */
  readonly extent?: (() => ReadonlyMap<string, number>) | undefined;
  /** Whether it is there just so in another state, where that can be told without judging that one. */
  readonly isIn?: (other: Survey) => boolean;
  /** Folded name of the member it is about, for exceptions. */
  readonly member?: string;
  /** Folded name of the group it is about, for exceptions. */
  readonly group?: string;
  /** Folded name of what else it is about, for exceptions. */
  readonly entity?: string;
  /**
   * What of a member's access it is about, as `resource\nscope`: of its own, or of one whom it counts. Absent: all that they hold,
   * or all that `group` gives them.
   */
  readonly cells?: ((member: string) => ReadonlySet<string>) | undefined;
  /** Nobody has done anything: only time has passed since it was well. */
  readonly lapsed?: boolean;
  /** What is left of it when what comes through these groups does not count. Absent: nothing if `group` is one of them. */
  readonly without?: (groups: ReadonlySet<string>) => Breach | undefined;
  /** Where it is about how many they are: who, and what is left of it when some of them do not count. */
  readonly counted?: {
    readonly members: ReadonlySet<string>;
    readonly without: (members: ReadonlySet<string>) => Breach | undefined;
  };
  readonly describe: () => Described;
}

/** Whether there is something in a breach that is not, or is less, in another. */
export function isMore(breach: Breach, other: Breach): boolean {
  if (!breach.extent) return false;
  const known = other.extent?.() ?? new Map<string, number>();
  return [...breach.extent()].some(([part, degree]) => degree > (known.get(part) ?? Number.NEGATIVE_INFINITY));
}
