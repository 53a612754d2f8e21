// Qualified names: what belongs to a workspace is called `workspace/name`, in files and everywhere else, and a product's role
// `workspace/product/Role`. Pure; it splits names and joins them, and knows nothing of what they name.

/** What the shortname of a workspace or a product looks like. */
export const SHORTNAME = /^[a-z0-9][a-z0-9-]*$/;

/** The shortname of the workspace that something belongs to: all before the first slash, or the whole name where there is none. */
export function workspaceOf(name: string): string {
  const cut = name.indexOf("/");
  return (cut < 0 ? name : name.slice(0, cut)).trim();
}

/** The name within the workspace: `manage/Editor` of `acme-prod/manage/Editor`. Undefined for what has no workspace. */
export function nameInWorkspace(name: string): string | undefined {
  const cut = name.indexOf("/");
  const rest = cut < 0 ? "" : name.slice(cut + 1).trim();
  return rest === "" ? undefined : rest;
}

/** The qualified name of the product that a role belongs to: `acme-prod/manage`. Undefined for what is no role's name. */
export function productOf(role: string): string | undefined {
  const first = role.indexOf("/");
  const second = first < 0 ? -1 : role.indexOf("/", first + 1);
  if (second < 0 || role.slice(second + 1).trim() === "") return undefined;
  return role.slice(0, second).trim();
}

/** The role's own name in its product: `Editor`. Undefined for what is no role's name. */
export function nameInProduct(role: string): string | undefined {
  const product = productOf(role);
  return product === undefined ? undefined : role.slice(role.indexOf("/", product.indexOf("/") + 1) + 1).trim();
}

/** `workspace/name`, and `workspace/product/Role` from a product's qualified name. */
export function qualified(container: string, name: string): string {
  return `${container}/${name}`;
}
