// Whether a guardrail's rule asks at least as much with new parameters as with the old ones. Only what is proved counts:
// in doubt, and for any expression, the answer is no. Pure.
import type { PermissionSelector, Rule } from "../model/guardrail.ts";

type Selectors = readonly PermissionSelector[] | undefined;

/** Whether everything that breaks `base` breaks `head` too. */
export function asksAsMuch(head: Rule, base: Rule): boolean {
  switch (base.rule) {
    case "separation-of-duties":
      return (
        head.rule === base.rule &&
        covers(head.with.first, base.with.first) &&
        covers(head.with.second, base.with.second) &&
        (head.with.in === base.with.in || head.with.in === "any-scope")
      );
    case "permission-holders":
      return (
        head.rule === base.rule &&
        covers(head.with.permissions, base.with.permissions) &&
        letsThroughNoMore(head.with.through, base.with.through)
      );
    case "holder-count":
      return head.rule === base.rule && countsAsStrictly(head.with, base.with);
    case "environment-separation":
      return (
        head.rule === base.rule &&
        holdsApart(head.with.one, base.with.one) &&
        holdsApart(head.with.other, base.with.other)
      );
    case "escalation-holders":
      return head.rule === base.rule && isWithin(head.with.through, base.with.through);
    case "time-limit":
      return (
        head.rule === base.rule &&
        covers(head.with.permissions, base.with.permissions) &&
        atMost(head.with.days, base.with.days)
      );
    case "reason-required":
      return head.rule === base.rule && covers(head.with?.permissions, base.with?.permissions);
    case "shared-account":
      return head.rule === base.rule && isWithin(base.with.patterns, head.with.patterns);
    case "address-domain":
      return head.rule === base.rule && isWithin(head.with.domains, base.with.domains);
    case "multi-factor":
      return head.rule === base.rule && covers(head.with?.permissions, base.with?.permissions);
    case "dormant-member":
      return (
        head.rule === base.rule &&
        covers(head.with.permissions, base.with.permissions) &&
        atMost(head.with.days, base.with.days)
      );
    case "role-group-name":
    case "group-owner":
      return head.rule === base.rule;
    case "documentation-required":
      return head.rule === base.rule && documentsAsMuch(head.with, base.with);
    case "reviewed-within":
      return (
        head.rule === base.rule &&
        head.with.days <= base.with.days &&
        (head.with.kinds === undefined || (base.with.kinds !== undefined && isWithin(base.with.kinds, head.with.kinds)))
      );
    case "matching-attribute":
      return head.rule === base.rule && matchesTheSame(head.with, base.with);
    case "cel":
      return head.rule === base.rule && head.with.for === base.with.for && head.with.deny === base.with.deny;
    default:
      return base satisfies never;
  }
}

/** Whether every access that some of `base` selects is selected by some of `head`. No list selects everything. */
function covers(head: Selectors, base: Selectors): boolean {
  if (head === undefined) return true;
  return base?.every((narrow) => head.some((wide) => coversOne(wide, narrow))) ?? false;
}

/** Whether owners are asked for and nothing else: then only what makes them owners counts, not all else that they hold. */
function isBare({ resource, level, scopes, ownerEquivalent }: PermissionSelector): boolean {
  return ownerEquivalent === true && resource === undefined && level === undefined && scopes === undefined;
}

/** Levels are compared as names: which is the higher one depends on the resource. */
function coversOne(wide: PermissionSelector, narrow: PermissionSelector): boolean {
  if (isBare(wide)) return isBare(narrow);
  return (
    (wide.resource === undefined || wide.resource === narrow.resource) &&
    (wide.level === undefined || wide.level === narrow.level) &&
    (wide.scopes === undefined || (narrow.scopes !== undefined && isWithin(narrow.scopes, wide.scopes))) &&
    (wide.ownerEquivalent !== true || narrow.ownerEquivalent === true)
  );
}

type Through = "any-group" | "nobody" | readonly string[];

function letsThroughNoMore(head: Through, base: Through): boolean {
  if (head === "nobody" || base === "any-group") return true;
  return typeof head !== "string" && typeof base !== "string" && isWithin(head, base);
}

type Count = Extract<Rule, { readonly rule: "holder-count" }>["with"];

/** Holders of more permissions are more people: good for a maximum, and bad for a minimum. */
function countsAsStrictly(head: Count, base: Count): boolean {
  const minimum = base.least === undefined || covers(base.permissions, head.permissions);
  const maximum = base.most === undefined || covers(head.permissions, base.permissions);
  return minimum && maximum && (head.least ?? 0) >= (base.least ?? 0) && atMost(head.most, base.most);
}

type Side = Extract<Rule, { readonly rule: "environment-separation" }>["with"]["one"];

function holdsApart(head: Side, base: Side): boolean {
  return isWithin(base.scopes, head.scopes) && covers(head.permissions, base.permissions);
}

type Documents = Extract<Rule, { readonly rule: "documentation-required" }>["with"];

/** More attributes, fewer patterns to fit, and no fewer things that are meant. */
function documentsAsMuch(head: Documents, base: Documents): boolean {
  const isMeant = Object.entries(head.where ?? {}).every(([name, values]) => {
    const meant = ownOf(base.where, name);
    return meant !== undefined && isWithin(meant, values);
  });
  const isFitted = Object.entries(base.patterns ?? {}).every(([name, patterns]) => {
    const fitted = ownOf(head.patterns, name);
    return fitted !== undefined && isWithin(fitted, patterns);
  });
  return head.kind === base.kind && isMeant && isFitted && isWithin(base.attributes ?? [], head.attributes ?? []);
}

/** The list under a name that a file has made up, which may be one that every object has. */
function ownOf(lists: Documents["where"], name: string): readonly string[] | undefined {
  return lists && Object.hasOwn(lists, name) ? lists[name] : undefined;
}

type Matches = Extract<Rule, { readonly rule: "matching-attribute" }>["with"];

function matchesTheSame(head: Matches, base: Matches): boolean {
  const parts = ({ kind, attribute, of, its = attribute }: Matches) => [kind, attribute, of, its].join("\n");
  return parts(head) === parts(base);
}

/** Absent is no maximum. */
function atMost(head: number | undefined, base: number | undefined): boolean {
  return (head ?? Number.POSITIVE_INFINITY) <= (base ?? Number.POSITIVE_INFINITY);
}

function isWithin(some: readonly string[], all: readonly string[]): boolean {
  return some.every((item) => all.includes(item));
}
