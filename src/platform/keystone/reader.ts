// Reads one whole domain of a Keystone: a few bulk lists, then who is in each group and what application credentials
// each user has, which Keystone tells only one by one. Its client has no call that writes.
import type { Connection, LiveRead, Progress, Reader, Rights } from "../../model/driver.ts";
import { countEntities } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import { HttpError } from "../http/failure.ts";
import { inconsistent } from "../rules/rows.ts";
import type { PlacedAssignment } from "./answers.ts";
import { fold } from "./catalogue.ts";
import { isMissing, type Listed, openReadingClient, type ReadingClient } from "./client.ts";
import { assembleState } from "./map.ts";
import type { ApplicationCredentialRow, DomainRows, GroupRow, MembershipRow, UserRow } from "./rows.ts";
import type { DomainRef } from "./session.ts";
import { writesBy } from "./token.ts";

/** Opens a reader; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openReader(connection: Connection): Reader {
  const client = openReadingClient(connection);
  return { read: (progress) => readLive(client, progress), rights: () => readRights(client), close: client.close };
}

async function readRights(client: ReadingClient): Promise<Rights> {
  const roles = await client.roleNames();
  if (roles === undefined || roles.length === 0)
    return { writes: undefined, because: "Keystone does not say which roles it has" };
  return { writes: writesBy(roles), because: `it has the roles ${roles.join(", ")}` };
}

async function readLive(client: ReadingClient, progress: Progress | undefined): Promise<LiveRead> {
  const requestsBefore = client.requests();
  const domain = await client.domain();
  const doubts = new Doubts();
  const lists = await readLists(client, domain, doubts);
  const steps = countSteps(progress, lists.groups.length + lists.users.length);
  const [memberships, applicationCredentials] = await Promise.all([
    readMemberships(client, domain, lists.groups, doubts, steps),
    readCredentials(client, lists.users, doubts, steps),
  ]);
  const self = selfAmong(lists.users, await client.userId());
  const { state, findings } = assembleState({ domain, ...lists, memberships, applicationCredentials });
  const total = countEntities(state);
  progress?.(total, total);
  return {
    state,
    findings: [...doubts.findings(), ...findings],
    ...(self === undefined ? {} : { self }),
    requests: client.requests() - requestsBefore,
  };
}

/** The folded name of the domain's user with an id; a credential may well be somebody's of another domain. */
function selfAmong(users: readonly UserRow[], userId: string | undefined): string | undefined {
  const self = users.find(({ id }) => id === userId);
  return self && fold(self.name);
}

/** What makes a read doubtful, collected list by list and told once for each kind of list. */
class Doubts {
  readonly #cut = new Map<string, number>();
  readonly #moved = new Set<string>();
  readonly #foreign: string[] = [];
  /** Whether the credential may not see other people's application credentials. */
  hidesCredentials = false;

  /** The rows of a list, remembering whether there were more. */
  whole<Row>(list: string, { rows, truncated }: Listed<Row>): readonly Row[] {
    if (truncated) this.#cut.set(list, (this.#cut.get(list) ?? 0) + 1);
    return rows;
  }

  /** Something of a list was gone when it was asked about. */
  noteMoved(list: string): void {
    this.#moved.add(list);
  }

  noteForeign(group: string): void {
    this.#foreign.push(group);
  }

  findings(): Finding[] {
    return [
      ...[...this.#cut].map(([list, times]) => ({
        ...inconsistent(
          `The platform cut its list of ${list} short${times > 1 ? ` ${times} times` : ""}: there is more than it gave`,
          undefined,
          "truncated-read",
        ),
        hint: "Have list_limit raised in keystone.conf until lists come whole; until then, nothing is taken away from anybody.",
      })),
      ...[...this.#moved].map((list) => inconsistent(`The platform's list of ${list} changed while it was being read`)),
      ...(this.hidesCredentials ? [HIDDEN_CREDENTIALS] : []),
      ...this.#foreign.map(
        (group): Finding => ({
          severity: "warning",
          code: "foreign-member",
          message: `Group "${group}" has members from other domains: neither shown nor touched`,
          hint: "A target is one domain; look at them with: openstack user list --group",
        }),
      ),
    ];
  }
}

const HIDDEN_CREDENTIALS: Finding = {
  severity: "warning",
  code: "application-credentials-hidden",
  message: "Keystone does not let this credential see users' application credentials: none is shown or touched",
  hint: "Reading them takes the role reader (or admin) on the system: options.system: all.",
};

type Lists = Omit<DomainRows, "domain" | "memberships" | "applicationCredentials">;

/** The bulk lists, limited to the domain here: whether the server filters or not makes no difference. */
async function readLists(client: ReadingClient, { id }: DomainRef, doubts: Doubts): Promise<Lists> {
  const [roles, inferences, projects, groups, users, assignments] = await Promise.all([
    client.roles(id),
    client.inferences(),
    client.projects(id),
    client.groups(id),
    client.users(id),
    client.assignments(),
  ]);
  const own = <Row extends { readonly domain_id: string | null }>(rows: readonly Row[]) =>
    rows.filter(({ domain_id }) => domain_id === id);
  const ours = doubts.whole("roles", roles).filter(({ domain_id }) => domain_id === null || domain_id === id);
  return {
    roles: ours,
    inferences: implicationsAmong(ours, doubts.whole("implied roles", inferences)),
    projects: own(doubts.whole("projects", projects)),
    groups: own(doubts.whole("groups", groups)),
    users: own(doubts.whole("users", users)),
    assignments: doubts
      .whole("role assignments", assignments)
      .filter((assignment) => concerns(assignment, id))
      .map(({ row }) => row),
  };
}

/** Implications of other domains' roles are theirs; one whose prior role is known must lead somewhere. */
function implicationsAmong(roles: Lists["roles"], inferences: Lists["inferences"]): Lists["inferences"] {
  const known = new Set(roles.map(({ id }) => id));
  return inferences.filter(({ priorRoleId }) => known.has(priorRoleId));
}

function concerns({ actorDomain, scopeDomain }: PlacedAssignment, domainId: string): boolean {
  return actorDomain === domainId || scopeDomain === domainId;
}

/**
 * One request a group: there are fewer groups than users, and what effective assignments tell of memberships leaves
 * out every group that holds nothing.
 */
async function readMemberships(
  client: ReadingClient,
  { id }: DomainRef,
  groups: readonly GroupRow[],
  doubts: Doubts,
  step: () => void,
): Promise<MembershipRow[]> {
  const lists = await Promise.all(
    groups.map(async (group) => {
      const listed = await orGone(client.usersOfGroup(group.id), () => doubts.noteMoved("groups"));
      step();
      const rows = doubts.whole("members of groups", listed);
      const own = rows.filter(({ domain_id }) => domain_id === id);
      if (own.length < rows.length) doubts.noteForeign(group.name);
      return own.map((user) => ({ groupId: group.id, userId: user.id }));
    }),
  );
  return lists.flat();
}

async function readCredentials(
  client: ReadingClient,
  users: readonly UserRow[],
  doubts: Doubts,
  step: () => void,
): Promise<ApplicationCredentialRow[]> {
  const lists = await Promise.all(
    users.map(async ({ id }) => {
      const listed = doubts.hidesCredentials ? NOTHING : await orHidden(client.applicationCredentials(id), doubts);
      step();
      return doubts.whole("application credentials", listed);
    }),
  );
  return lists.flat();
}

const NOTHING = { rows: [], truncated: false };

async function orHidden<Row>(listing: Promise<Listed<Row>>, doubts: Doubts): Promise<Listed<Row>> {
  try {
    return await orGone(listing, () => doubts.noteMoved("users"));
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 403) throw error;
    doubts.hidesCredentials = true;
    return NOTHING;
  }
}

/** What was in a list a moment ago may be gone when it is asked about. */
async function orGone<Row>(listing: Promise<Listed<Row>>, note: () => void): Promise<Listed<Row>> {
  try {
    return await listing;
  } catch (error) {
    if (!isMissing(error)) throw error;
    note();
    return NOTHING;
  }
}

/** Steps told as they are done; how many entities they bring is known at the end. */
function countSteps(progress: Progress | undefined, total: number): () => void {
  let done = 0;
  return () => {
    done += 1;
    progress?.(done, total);
  };
}
