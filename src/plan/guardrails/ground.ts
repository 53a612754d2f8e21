// What a rule is judged on, and what it answers: the nouns that every rule beside this file shares. Nothing happens here.
import type { Change } from "../../model/change.ts";
import type { State } from "../../model/entity.ts";
import type { Place } from "../../model/finding.ts";
import type { AccessGroup } from "../../model/grant.ts";
import type { AccessView, Platform } from "../../model/platform.ts";
import type { Target } from "../../model/settings.ts";

/** One state, as the rules see it. */
export interface Ground {
  readonly platform: Platform;
  readonly target: Target;
  readonly state: State;
  /** Of everyone in `state`. */
  readonly view: AccessView;
  /** Where things are declared, with places, ends, reasons and owners. May lack what `state` has, and the other way round. */
  readonly declared: State;
  readonly now: Date;
  /** Whether `state` comes from the platform, so that what it reports of people (`Entity.facts`) counts. */
  readonly live: boolean;
  /** Of the state before a plan: folded names of everyone who may hold something else after it. Absent: that can be anybody. */
  readonly affected?: ReadonlySet<string>;
  /** What leads to `state`; absent when a state is judged by itself. */
  readonly plan?: { readonly changes: readonly Change[]; readonly access: readonly AccessGroup[] };
}

/** Somebody or something that a guardrail is broken by. */
export interface Violation {
  /** Names it among those of one guardrail, and the same in another state: `member ana@acme.example`, `group Owners`. */
  readonly subject: string;
  /** How bad it is, where that can be more or less; more is worse. */
  readonly degree?: number;
  /** Folded name of the member it is about, for exceptions; absent when it is about nobody in particular. */
  readonly member?: string;
  /** Folded name of the group it is about, for exceptions. */
  readonly group?: string;
  /** Folded name of the role it is about; absent when it is about none. */
  readonly role?: string;
  /** The one grant of the member that it is about, as `resource\nscope`; absent when it is about all of them. */
  readonly cell?: string;
  /** What else it is about; absent when it is about nothing else. */
  readonly entity?: { readonly kind: string; readonly local: string };
  /** What is wrong, in the rule's own words: one sentence without the guardrail's name. */
  readonly text: string;
  /** Placeholder -> what it stands for, for a message of the author's own. */
  readonly values: Readonly<Record<string, string>>;
  /** The line that causes it: a membership, a group, a role, a member. */
  readonly place?: Place;
  /** The entity that causes it, where no file declares it. */
  readonly key?: string;
}

/** Something that is wrong with a guardrail itself, with the offset (UTF-16) in its expression. */
export interface RuleProblem {
  readonly message: string;
  readonly hint?: string;
  readonly offset: number;
}
