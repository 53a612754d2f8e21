// Where the rows of an account belong: the qualified name of everything that belongs to a workspace, by id. What points
// at nothing has no name here, and is counted. Pure; it judges nothing.
import { canonicalText } from "../rules/rows.ts";
import { qualified } from "./names.ts";
import type { AccountRows, GroupRow, MemberRow, ProductRow, RoleRow, WorkspaceRow } from "./rows.ts";

/** A row with its qualified name, and the workspace it belongs to. */
export interface Placed<Row> {
  readonly row: Row;
  readonly workspaceId: string;
  readonly name: string;
}

/** Id -> what it is. */
export interface Places {
  readonly workspaces: ReadonlyMap<string, Placed<WorkspaceRow>>;
  readonly products: ReadonlyMap<string, Placed<ProductRow>>;
  readonly roles: ReadonlyMap<string, Placed<RoleRow>>;
  readonly groups: ReadonlyMap<string, Placed<GroupRow>>;
  readonly members: ReadonlyMap<string, MemberRow>;
  /** What is listed of which nothing says where it belongs: `products of workspaces` -> how many. */
  readonly lost: ReadonlyMap<string, number>;
}

type Collected<Row> = Map<string, Placed<Row>>;

/** Places everything in the order of what refers to what. */
export function placeRows(rows: Omit<AccountRows, "memberships" | "integrations" | "api-keys">): Places {
  const lost = new Map<string, number>();
  const workspaces: Collected<WorkspaceRow> = new Map();
  for (const row of rows.workspaces)
    workspaces.set(row.id, { row, workspaceId: row.id, name: canonicalText(row.shortname) });
  const place = <Row extends { readonly id: string }>(
    what: string,
    list: readonly Row[],
    containerOf: (row: Row) => Placed<unknown> | undefined,
    nameOf: (row: Row) => string,
  ): Collected<Row> => {
    const placed: Collected<Row> = new Map();
    for (const row of list) {
      const container = containerOf(row);
      if (!container) lost.set(what, (lost.get(what) ?? 0) + 1);
      else {
        const name = qualified(container.name, canonicalText(nameOf(row)));
        placed.set(row.id, { row, workspaceId: container.workspaceId, name });
      }
    }
    return placed;
  };
  const inWorkspace = ({ workspaceId }: { readonly workspaceId: string }) => workspaces.get(workspaceId);
  const products = place("products of workspaces", rows.products, inWorkspace, ({ shortname }) => shortname);
  const roles = place(
    "roles of products",
    rows["product-roles"],
    ({ productId }) => products.get(productId),
    ({ name }) => name,
  );
  const groups = place("groups of workspaces", rows.groups, inWorkspace, ({ name }) => name);
  return { workspaces, products, roles, groups, members: new Map(rows.members.map((row) => [row.id, row])), lost };
}
