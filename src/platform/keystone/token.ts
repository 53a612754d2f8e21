// What stands in the answer to a request for a token, beside the token itself: how long it lives, which domains it is
// of, where the services are. Pure.

export interface TokenAnswer {
  readonly expires_at?: unknown;
  readonly issued_at?: unknown;
  readonly user?: unknown;
  readonly project?: unknown;
  readonly domain?: unknown;
  readonly catalog?: unknown;
  readonly roles?: unknown;
}

/**
 * Milliseconds a token lives: from when it was issued, by the server's own clock, or for one that was issued long ago
 * from `now` (Unix ms). Undefined when the answer does not say.
 */
export function lifeMsOf({ expires_at, issued_at }: TokenAnswer, now?: number): number | undefined {
  const end = instantOf(expires_at);
  const start = now ?? instantOf(issued_at);
  return end === undefined || start === undefined ? undefined : Math.max(0, end - start);
}

function instantOf(text: unknown): number | undefined {
  const instant = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instant) ? undefined : instant;
}

/** The domains that a token names: its own, its project's, its user's. */
export function domainsOf({ domain, project, user }: TokenAnswer): { readonly id: string; readonly name: string }[] {
  return [domain, fieldOf(project, "domain"), fieldOf(user, "domain")].flatMap((found) => {
    const [id, name] = [fieldOf(found, "id"), fieldOf(found, "name")];
    return typeof id === "string" && typeof name === "string" ? [{ id, name }] : [];
  });
}

/** The id of the user that a token is of. */
export function userIdOf({ user }: TokenAnswer): string | undefined {
  const id = fieldOf(user, "id");
  return typeof id === "string" ? id : undefined;
}

/** Names of the roles that a token holds, implied ones included; undefined when the answer does not list them. */
export function roleNamesOf({ roles }: TokenAnswer): string[] | undefined {
  if (!Array.isArray(roles)) return undefined;
  const names = roles.map((role) => fieldOf(role, "name"));
  return names.every((name) => typeof name === "string") ? names.sort() : undefined;
}

/** Roles that may change an identity service by Keystone's own rules, and those that may only look at it. */
const WRITING = ["admin", "manager"];
const LOOKING = ["reader", "member"];

/** Whether these roles may write; undefined for roles that a cloud has made up, whose rules nobody tells. */
export function writesBy(roles: readonly string[]): boolean | undefined {
  const folded = roles.map((role) => role.toLowerCase());
  if (folded.some((role) => WRITING.includes(role))) return true;
  return folded.every((role) => LOOKING.includes(role)) ? false : undefined;
}

/** The URL of the identity service of an interface (by default the public one) and a region (by default any). */
export function catalogueUrl(
  { catalog }: TokenAnswer,
  options: { readonly interface?: string; readonly region?: string },
): string | undefined {
  const wanted = (options.interface ?? "public").replace(/URL$/, "");
  const endpoints = listOf(catalog)
    .filter((service) => fieldOf(service, "type") === "identity")
    .flatMap((service) => listOf(fieldOf(service, "endpoints")));
  const inRegion = (endpoint: unknown) =>
    options.region === undefined ||
    [fieldOf(endpoint, "region_id"), fieldOf(endpoint, "region")].includes(options.region);
  const found = endpoints.find((endpoint) => fieldOf(endpoint, "interface") === wanted && inRegion(endpoint));
  const url = fieldOf(found, "url");
  return typeof url === "string" && URL.canParse(url) ? url : undefined;
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[field] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
