// What every Atomyx account has: the workspace roles and what each controls, the one level there is, the purposes of
// workspaces, and how names compare. Data, and no rules. Which role controls what is our reading of the vendor's pages.
import type { ResourceSpec } from "../../model/platform.ts";

/** Holding something is all there is to it: product roles say themselves which others they include. */
export const GRANTED = "granted";

/** What being in a workspace gives by itself, and all that it gives. */
export const MEMBERSHIP_OF_WORKSPACE = "Workspace membership";

/** What workspaces, keys and integrations are for. */
export const purposes: readonly string[] = ["development", "staging", "production"];

/** What is controlled in a workspace, besides being in it. */
const controls: Readonly<Record<string, string>> = {
  "Workspace settings": "What the workspace is for, where it is, and how it is set up",
  "User management": "Who is in the workspace, in which role and with which products",
  "Group management": "The groups of the workspace, who is in them and what they give",
  "Product administration": "The products of the workspace and whether each is active",
  "Subscription and billing": "Subscriptions and invoices of the workspace",
};

const ADMINISTRATION = ["Workspace settings", "User management", "Group management", "Product administration"];
const BILLING = ["Subscription and billing"];

/** Workspace role -> what it controls besides being in the workspace. No role opens a product. */
export const workspaceRoles: Readonly<Record<string, readonly string[]>> = {
  Owner: [...ADMINISTRATION, ...BILLING],
  Admin: ADMINISTRATION,
  Member: [],
  Billing: BILLING,
};

/** Whoever has one of these in a workspace can give themselves anything in it. */
export const escalating: readonly string[] = ["User management", "Group management"];

/** The role that every product has from the start, which holds all others of the product, and which nobody can change. */
export const PRODUCT_ADMIN = "Admin";

/** A property of the vendor's own staff, which no account can give or take. */
export const SUPER_ADMIN = "Super Admin";

/** `status` of a role that nobody can change. */
export const IMMUTABLE = "immutable";

/** What can be held in any workspace, whatever products there are. */
export const workspaceResources: readonly ResourceSpec[] = [
  { name: MEMBERSHIP_OF_WORKSPACE, about: "Being in the workspace, which opens no product" },
  ...Object.entries(controls).map(([name, about]) => ({ name, about })),
].map(({ name, about }) => ({ name, aliases: [], levels: [GRANTED], scope: "environment", about }));

const workspaceNames: ReadonlySet<string> = new Set(workspaceResources.map(({ name }) => name));

/** Whether a resource is one that workspaces have, and no product's role. */
export function isWorkspaceResource(name: string): boolean {
  return workspaceNames.has(name);
}

const NOT_ASCII = /[\u0080-\uffff]/;

/** What a name is compared by: surrounding blanks, case and Unicode composition do not distinguish. */
export function fold(name: string): string {
  const trimmed = name.trim();
  // Composition is for what is not ASCII, and costs as much as all the rest.
  return (NOT_ASCII.test(trimmed) ? trimmed.normalize("NFC") : trimmed).toLowerCase();
}
