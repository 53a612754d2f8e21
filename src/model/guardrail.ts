// A guardrail is a rule about who may hold what, written down beside the policies and judged over people's access. Nouns only:
// `policy` reads them from files, `plan` judges by them.
import type { Place, Severity } from "./finding.ts";

/** Access that a rule is about. A person holds it when one of their grants fits every part that is there. */
export interface PermissionSelector {
  /** A resource's name or alias; on Keystone a role. Absent: any. */
  readonly resource?: string;
  /** The lowest level that counts. Absent: any. */
  readonly level?: string;
  /** Names of environments or projects, or `organization`. Absent: anywhere. */
  readonly scopes?: readonly string[];
  /** Only those who could give themselves anything. A property of all of a person's grants together. */
  readonly ownerEquivalent?: boolean;
}

/** The rules that are built in, with their parameters, and CEL expressions. The names are stable: they are part of finding codes. */
export type Rule =
  | {
      /** Nobody holds something of both sets; `in: one-scope` only when both are in the same scope. */
      readonly rule: "separation-of-duties";
      readonly with: {
        readonly first: readonly PermissionSelector[];
        readonly second: readonly PermissionSelector[];
        readonly in?: "one-scope" | "any-scope";
      };
    }
  | {
      /** What is held is held through these groups alone; `any-group`: never directly; `nobody`: not at all. */
      readonly rule: "permission-holders";
      readonly with: {
        readonly permissions: readonly PermissionSelector[];
        readonly through: "any-group" | "nobody" | readonly string[];
      };
    }
  | {
      /** How many people hold any of the permissions. */
      readonly rule: "holder-count";
      readonly with: {
        readonly permissions: readonly PermissionSelector[];
        readonly least?: number;
        readonly most?: number;
      };
    }
  | {
      /** Nobody holds one in some scopes and the other in other scopes. Without permissions: anything at all. */
      readonly rule: "environment-separation";
      readonly with: {
        readonly one: { readonly scopes: readonly string[]; readonly permissions?: readonly PermissionSelector[] };
        readonly other: { readonly scopes: readonly string[]; readonly permissions?: readonly PermissionSelector[] };
      };
    }
  | {
      /** What lets its holder take any permission is held through these groups alone. */
      readonly rule: "escalation-holders";
      readonly with: { readonly through: readonly string[] };
    }
  | {
      /** Every membership that gives one of the permissions ends (`until`), at most so many days from now. */
      readonly rule: "time-limit";
      readonly with: { readonly permissions: readonly PermissionSelector[]; readonly days?: number };
    }
  | {
      /** Every membership that gives one of the permissions (or any membership) has a reason. */
      readonly rule: "reason-required";
      readonly with?: { readonly permissions?: readonly PermissionSelector[] };
    }
  | {
      /** Nobody's address or name fits one of the patterns (`*` stands for any text, case does not matter). */
      readonly rule: "shared-account";
      readonly with: { readonly patterns: readonly string[] };
    }
  | {
      /** Every address is of one of these domains; `*.acme.example` stands for any below it. */
      readonly rule: "address-domain";
      readonly with: { readonly domains: readonly string[] };
    }
  | {
      /** Everyone who holds one of the permissions (or anything) has a second factor, where the platform reports that. */
      readonly rule: "multi-factor";
      readonly with?: { readonly permissions?: readonly PermissionSelector[] };
    }
  | {
      /** Everyone who holds one of the permissions (or anything) was active within so many days, where the platform reports that. */
      readonly rule: "dormant-member";
      readonly with: { readonly days: number; readonly permissions?: readonly PermissionSelector[] };
    }
  | {
      /** A group that carries one role has its name. */
      readonly rule: "role-group-name";
    }
  | {
      /** Every group that Git declares names an owner. */
      readonly rule: "group-owner";
    }
  | {
      /**
       * Everything of a kind (whose attributes have one of these values) is declared in a file, and says these attributes; who
       * is named in them is there. What has a pattern (`*` stands for any text) fits it.
       */
      readonly rule: "documentation-required";
      readonly with: {
        readonly kind: string;
        readonly where?: Readonly<Record<string, readonly string[]>>;
        readonly attributes?: readonly string[];
        readonly patterns?: Readonly<Record<string, readonly string[]>>;
      };
    }
  | {
      /** Everything of some kinds, or of every kind that can say so, was reviewed within so many days. */
      readonly rule: "reviewed-within";
      readonly with: { readonly days: number; readonly kinds?: readonly string[] };
    }
  | {
      /** An attribute is the same as one (of that name, or `its`) of what the entity refers to or is part of. */
      readonly rule: "matching-attribute";
      readonly with: { readonly kind: string; readonly attribute: string; readonly of: string; readonly its?: string };
    }
  | {
      /** An expression in CEL that says true of what may not be. */
      readonly rule: "cel";
      readonly with: { readonly for: CelSubject; readonly deny: string };
    };

/** From an offset (UTF-16) of an expression on, up to the next spot, its text stands from a line and column of the file on. */
export interface ExpressionSpot {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** What a CEL rule is asked about, one at a time. */
export type CelSubject = "member" | "grant" | "group" | "role" | "entity" | "change" | "plan";

export type RuleName = Rule["rule"];

/** An exception: whom the guardrail does not hold for, why, who said so, until when. */
export interface GuardrailException {
  /** Exactly one of the three: a member, by address or name, a group, or the name of what is neither. */
  readonly member?: string;
  readonly group?: string;
  readonly entity?: string;
  readonly reason: string;
  readonly approver: string;
  /** A date or an instant; inclusive. */
  readonly until: string;
  readonly place: Place;
}

export type Guardrail = Rule & {
  readonly name: string;
  readonly description?: string;
  readonly severity: Exclude<Severity, "note">;
  /** Names of the targets it holds for; absent: all. */
  readonly targets?: readonly string[];
  /** Who answers for it, and must agree to weaken it. */
  readonly owners: readonly string[];
  /** With placeholders (`{member}`); absent: the rule's own words. */
  readonly message?: string;
  readonly except: readonly GuardrailException[];
  /** Where it is declared. */
  readonly place: Place;
  /** It is what the base says of it, and not what the files say now. */
  readonly ofBase?: true;
  /** For a CEL rule: where the parts of its expression stand in the file, in order. */
  readonly expressionSpots?: readonly ExpressionSpot[];
};
