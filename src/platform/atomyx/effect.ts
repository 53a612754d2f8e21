// Whether a change by itself gives people something or takes something away. Pure. What it gives is judged by the access
// after the whole plan, what it takes by the access before it. In doubt it says yes: a group counts for those who could be
// in it, and an integration for the system that is connected.
import type { Change } from "../../model/change.ts";
import { groupOfSection } from "../../model/entity.ts";
import type { Grant } from "../../model/grant.ts";
import type { AccessView } from "../../model/platform.ts";
import { exceeds as exceedsBy } from "../rules/grants.ts";
import { type AtomyxView, atomyxView } from "./access.ts";
import { isProductOpen } from "./products.ts";

/** What a change gives and takes. */
export interface EffectOfChange {
  readonly gives: boolean;
  readonly takes: boolean;
}

const NEUTRAL: EffectOfChange = { gives: false, takes: false };

/** See `Platform.effectOf`. The views must come from `viewAccess`. */
export function effectOf(
  change: Pick<Change, "action" | "kind" | "section" | "local">,
  before: AccessView,
  after: AccessView,
): EffectOfChange {
  const [was, is] = [atomyxView(before), atomyxView(after)];
  const { kind, local, action } = change;
  switch (kind) {
    case "Membership":
      return effectOfMembership(change, was, is);
    case "Member":
      return bothWays(was, is, (one, other) => exceeds(one.grantsOf(local), other.grantsOf(local)));
    case "Group":
      return bothWays(was, is, (one, other) => exceeds(one.grantsOfGroup(local), other.grantsOfGroup(local)));
    case "Role":
      return bothWays(was, is, (one, other) => one.isGiven(local) && one.isOpen(local) && hasMore(local, one, other));
    case "Product":
      return bothWays(was, is, (one, other) => isOpen(local, one) && !isOpen(local, other) && isAnyGiven(local, one));
    case "Integration":
      return effectOfIntegration(change, was, is);
    case "ApiKey":
      // Whatever uses it stops working. Making one takes more than a plan.
      return { gives: false, takes: action === "delete" };
    default:
      return NEUTRAL;
  }
}

/** What holds of the one and not of the other, told of what comes and of what goes. */
function bothWays(
  was: AtomyxView,
  is: AtomyxView,
  exceeding: (one: AtomyxView, other: AtomyxView) => boolean,
): EffectOfChange {
  return { gives: exceeding(is, was), takes: exceeding(was, is) };
}

function effectOfMembership(
  { action, section, local }: Pick<Change, "action" | "section" | "local">,
  was: AtomyxView,
  is: AtomyxView,
): EffectOfChange {
  const group = groupOfSection(section) ?? "";
  switch (action) {
    case "create":
      return { gives: is.counts(local, group) && exceeds(is.grantsOfGroup(group), was.grantsOf(local)), takes: false };
    case "delete":
      return { gives: false, takes: was.counts(local, group) && exceeds(was.grantsOfGroup(group), is.grantsOf(local)) };
    case "update":
      return NEUTRAL;
    default:
      return action satisfies never;
  }
}

/** Whether a role includes something in the one state that it does not in the other. */
function hasMore(role: string, one: AtomyxView, other: AtomyxView): boolean {
  const included = other.rolesOf(role);
  return [...one.rolesOf(role)].some((name) => !included.has(name));
}

function isOpen(product: string, view: AtomyxView): boolean {
  const entity = view.entityOf("Product", product);
  return entity !== undefined && isProductOpen(entity);
}

/** Whether any role of a product is given to anybody. */
function isAnyGiven(product: string, view: AtomyxView): boolean {
  return view.rolesOfProduct(product).some(view.isGiven);
}

/** Being connected, called elsewhere or used for something else gives a system what it had not. */
function effectOfIntegration(
  { action, local }: Pick<Change, "action" | "local">,
  was: AtomyxView,
  is: AtomyxView,
): EffectOfChange {
  if (action === "delete") return { gives: false, takes: true };
  const [old, now] = [was.entityOf("Integration", local)?.attributes, is.entityOf("Integration", local)?.attributes];
  const differs = ["product", "callback", "environment"].some((name) => old?.[name] !== now?.[name]);
  return { gives: action === "create" || differs, takes: action === "update" && differs };
}

function exceeds(first: readonly Grant[], second: readonly Grant[]): boolean {
  return exceedsBy(first, second, () => 0);
}
