// What the rules beside this file find, in a form that costs little for each of very many: words and places are worked out
// only for what is shown. Nouns only.
import type { Place } from "../../model/finding.ts";
import type { GrantParts } from "../../model/platform.ts";

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
  readonly extent?: () => ReadonlyMap<string, number>;
  /** Where it follows from somebody's grants alone: with the same lists it is the same breach. */
  readonly basis?: GrantParts;
  /** Folded name of the member it is about, for exceptions. */
  readonly member?: string;
  /** Folded name of the group it is about, for exceptions. */
  readonly group?: string;
  /** Whether it is still there when what comes through these groups does not count. Absent: unless `group` is one of them. */
  readonly survives?: (groups: ReadonlySet<string>) => boolean;
  /** Where it is about how many they are: who, and what is left of it when some of them do not count. */
  readonly counted?: {
    readonly members: ReadonlySet<string>;
    readonly without: (members: ReadonlySet<string>) => Breach | undefined;
  };
  /** What is said of it when what comes through some groups does not count. */
  readonly describe: (without?: ReadonlySet<string>) => Described;
}
