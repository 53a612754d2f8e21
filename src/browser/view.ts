// What somebody looks at, as the part of an address after `#`: whoever is sent the link sees the same. Anything may stand in an address,
// so what is not known in it is as if it were not there.

export const TABS = ["overview", "grants", "groups", "keys", "history"] as const;
export type Tab = (typeof TABS)[number];

/** What the table of grants can be ordered by. */
export const SORTS = ["risk", "person", "resource", "scope", "level", "through", "since", "until"] as const;
export type Sort = (typeof SORTS)[number];

export const MAP_SORTS = ["weight", "risk", "name"] as const;
export type MapSort = (typeof MAP_SORTS)[number];

export interface View {
  readonly tab: Tab;
  /** Words that are searched for. */
  readonly search: string;
  /** A member: only their grants. */
  readonly who: string;
  readonly target: string;
  readonly scope: string;
  readonly level: string;
  /** The least risk that is shown. */
  readonly risk: string;
  /** Codes of reasons, any of which will do, between commas. */
  readonly why: string;
  readonly group: string;
  /** `any`, `extra` or `more`. */
  readonly drift: string;
  readonly sort: Sort;
  readonly descending: boolean;
  readonly map: MapSort;
  /** The member whose page is open. */
  readonly person: string;
}

/** Parts of a view that choose grants. */
export const FILTERS = ["search", "who", "target", "scope", "level", "risk", "why", "group", "drift"] as const;
export type Filter = (typeof FILTERS)[number];

export const START: View = {
  tab: "overview",
  search: "",
  who: "",
  target: "",
  scope: "",
  level: "",
  risk: "",
  why: "",
  group: "",
  drift: "",
  sort: "risk",
  descending: true,
  map: "weight",
  person: "",
};

const NO_FILTERS = Object.fromEntries(FILTERS.map((name) => [name, ""])) as Record<Filter, "">;

/** Only these filters, in the table. */
export function only(view: View, filters: Partial<View>): View {
  return { ...view, ...NO_FILTERS, tab: "grants", person: "", ...filters };
}

/** Without the leading `#`; empty for what everybody sees first. */
export function formatView(view: View): string {
  const parts = new URLSearchParams();
  if (view.tab !== START.tab) parts.set("view", view.tab);
  for (const name of FILTERS) if (view[name] !== "") parts.set(name, view[name]);
  if (view.sort !== START.sort || view.descending !== START.descending)
    parts.set("sort", `${view.descending ? "-" : ""}${view.sort}`);
  if (view.map !== START.map) parts.set("map", view.map);
  if (view.person !== "") parts.set("person", view.person);
  return parts.toString();
}

/** With or without the leading `#`. */
export function parseView(fragment: string): View {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const sort = parts.get("sort") ?? "";
  const by = SORTS.find((name) => name === sort.replace(/^-/, ""));
  return {
    ...START,
    ...Object.fromEntries(FILTERS.map((name) => [name, parts.get(name) ?? ""])),
    tab: TABS.find((tab) => tab === parts.get("view")) ?? START.tab,
    sort: by ?? START.sort,
    descending: by === undefined ? START.descending : sort.startsWith("-"),
    map: MAP_SORTS.find((name) => name === parts.get("map")) ?? START.map,
    person: parts.get("person") ?? "",
  };
}
