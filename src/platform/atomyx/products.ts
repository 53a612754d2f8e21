// The roles of products in a state: which others each includes, and whether its product opens anything at all. Pure.
import { EMPTY_SECTION, type Entity, type Section, type State } from "../../model/entity.ts";
import { lazy } from "../../model/lazy.ts";
import type { Reference } from "../../model/platform.ts";
import { fold, PRODUCT_ADMIN } from "./catalogue.ts";
import { nameInProduct, nameInWorkspace, productOf } from "./names.ts";

/** What can be asked of a state's product roles; all of them by folded qualified names. */
export interface ProductRules {
  /** The role, in whatever case it is named. */
  readonly roleNamed: (name: string) => Entity | undefined;
  /** The role and everything it includes, as far as there are such roles; empty for a role that is not there. */
  readonly rolesOf: (role: string) => ReadonlySet<string>;
  /** The roles of a product. */
  readonly rolesOfProduct: (product: string) => readonly string[];
  /** Whether the product of a role is there, active and subscribed. */
  readonly isOpen: (role: string) => boolean;
  /** What grants call a role: its name within its workspace. */
  readonly resourceNamed: (role: string) => string | undefined;
  readonly resourceOf: (role: Entity) => string | undefined;
}

/** The texts of a set; none where it is absent. */
export function textsOf({ attributes }: Entity, attribute: string): readonly string[] {
  const value = attributes[attribute];
  return Array.isArray(value) ? value : [];
}

/** Whether a product opens anything: it is active, and subscribed to, unless something says otherwise. */
export function isProductOpen({ attributes }: Entity): boolean {
  return attributes.active !== false && attributes.subscribed !== false;
}

/** Whether a role is its product's own Admin, which includes every role of the product. */
export function isProductAdmin(role: string): boolean {
  return fold(nameInProduct(role) ?? "") === fold(PRODUCT_ADMIN);
}

/** What a role rests on by its name: its product, and for the product's Admin every other role of it. */
export function roleRestsOn(name: string, state: State): readonly Reference[] {
  const product = productOf(name);
  if (product === undefined) return [];
  const own = { kind: "Product", name: product };
  if (!isProductAdmin(name)) return [own];
  const roles = rolesByProduct(state.get("Role") ?? EMPTY_SECTION).get(fold(product)) ?? [];
  return [own, ...roles.filter((role) => role !== fold(name)).map((role) => ({ kind: "Role", name: role }))];
}

/** The rules over a state's roles and products. */
export function productRulesOf(state: State): ProductRules {
  const roles = state.get("Role") ?? EMPTY_SECTION;
  const products = state.get("Product") ?? EMPTY_SECTION;
  const closures = new Map<string, ReadonlySet<string>>();
  const siblings = lazy(() => rolesByProduct(roles));
  const rolesOf = (role: string) => {
    const known = closures.get(role) ?? closeOver(role, roles, siblings);
    closures.set(role, known);
    return known;
  };
  const resourceOf = ({ name }: Entity) => nameInWorkspace(name);
  return {
    roleNamed: (name) => roles.get(fold(name)),
    rolesOf,
    rolesOfProduct: (product) => siblings().get(product) ?? [],
    isOpen: (role) => {
      const product = products.get(productOf(role) ?? "");
      return product !== undefined && isProductOpen(product);
    },
    resourceNamed: (role) => {
      const entity = roles.get(role);
      return entity && resourceOf(entity);
    },
    resourceOf,
  };
}

const byProduct = new WeakMap<Section, ReadonlyMap<string, readonly string[]>>();

/** Folded product -> its roles. */
export function rolesByProduct(roles: Section): ReadonlyMap<string, readonly string[]> {
  const known = byProduct.get(roles);
  if (known) return known;
  const found = new Map<string, string[]>();
  for (const role of roles.keys()) {
    const product = productOf(role);
    if (product === undefined) continue;
    const list = found.get(product);
    if (list) list.push(role);
    else found.set(product, [role]);
  }
  byProduct.set(roles, found);
  return found;
}

/** A role includes roles of its own product only; they may go in circles. */
function closeOver(
  role: string,
  roles: Section,
  siblings: () => ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const product = productOf(role) ?? "";
  const closure = new Set<string>();
  const queue = [role];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const entity = roles.get(next);
    if (!entity || closure.has(next) || productOf(next) !== product) continue;
    closure.add(next);
    if (isProductAdmin(next)) queue.push(...(siblings().get(product) ?? []));
    queue.push(...textsOf(entity, "implies").map(fold));
  }
  return closure;
}
