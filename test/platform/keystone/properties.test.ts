// Over generated domains on a real Keystone: what is read is what is there, what we say people hold is what Keystone
// itself computes, and applying a plan leaves nothing to do. Few runs, since each fills a fresh domain over HTTP.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Connection, LiveRead } from "../../../src/model/driver.ts";
import type { State } from "../../../src/model/entity.ts";
import { driver } from "../../../src/platform/keystone/driver.ts";
import { keystone } from "../../../src/platform/keystone/platform.ts";
import { writeChanges } from "../../../src/run/apply-write.ts";
import { type Domain, domain, openDomain, stateOfDomain, whole } from "../../support/keystone.ts";
import { planFor } from "../../support/plan.ts";
import type { Hand } from "./admin.ts";
import type { Seeded } from "./seed.ts";
import { connectionTo, sharedKeystone } from "./shared.ts";

const RUNS = 6;
/** Half a minute on an idle machine. */
const LONGEST_MS = 300_000;

/** Three domains in one: few runs have to meet much. */
const large: fc.Arbitrary<Domain> = fc.tuple(domain, domain, domain).map((parts) => whole(parts.reduce(join)));

function join(one: Domain, other: Domain): Domain {
  const groups = { ...one.groups, ...other.groups };
  for (const [name, group] of Object.entries(one.groups)) {
    const { grants, members } = other.groups[name] ?? { grants: [], members: [] };
    groups[name] = {
      ...group,
      grants: [...group.grants, ...grants],
      members: [...new Set([...group.members, ...members])],
    };
  }
  return { roles: { ...one.roles, ...other.roles }, members: { ...one.members, ...other.members }, groups };
}

interface Place {
  readonly seeded: Seeded;
  readonly connection: Connection;
  readonly admin: Hand;
}

async function fill(some: Domain): Promise<Place> {
  const { server, admin, seed } = await sharedKeystone();
  const seeded = await seed(stateOfDomain(some));
  const credentials = { username: "admin", password: server.adminPassword };
  return { seeded, admin, connection: connectionTo(server.url, seeded.domain.name, credentials) };
}

async function readLive(connection: Connection): Promise<LiveRead> {
  const reader = driver.openReader(connection);
  try {
    return await reader.read();
  } finally {
    await reader.close();
  }
}

/** `user: role on scope` for everything that our rules say an enabled user holds. */
function ours(state: State): string[] {
  const view = keystone.access(state);
  return view
    .members()
    .flatMap((member) => view.grantsOf(member).map(({ resource, scope }) => `${member}: ${resource} on ${scope}`))
    .sort();
}

interface EffectiveRow {
  readonly role: { readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly domain: { readonly id: string } };
  readonly scope: {
    readonly domain?: { readonly id: string };
    readonly project?: { readonly name: string; readonly domain: { readonly id: string } };
  };
}

/** The same by Keystone's own computation. It lists what disabled users would hold too, and lets them use none of it. */
async function theirs({ admin, seeded: { domain: home } }: Place): Promise<string[]> {
  const path = "/role_assignments?effective=true&include_names=true";
  const rows = (await admin.list(path, "role_assignments")) as unknown as readonly EffectiveRow[];
  const users = await admin.list(`/users?domain_id=${home.id}`, "users");
  const enabled = new Set(users.filter((user) => user.enabled === true).map(({ id }) => id));
  const held = rows
    .filter(({ user }) => user.domain.id === home.id && enabled.has(user.id))
    .map(({ user, role, scope }) => `${user.name}: ${role.name} on ${scope.project?.name ?? "organization"}`);
  return [...new Set(held)].sort();
}

describe("for generated domains on a real Keystone", () => {
  it(
    "what is read is what is there, and effective access is what Keystone itself computes",
    async () => {
      let held = 0;
      await fc.assert(
        fc.asyncProperty(large, async (some) => {
          const place = await fill(some);
          const { state, findings } = await readLive(place.connection);
          expect(findings).toEqual([]);
          const { plan } = planFor(
            { base: new Map(), want: stateOfDomain(some), live: state },
            { target: openDomain(), platform: keystone },
          );
          expect([plan.changes, plan.drift, plan.conflicts, plan.unmanaged]).toEqual([[], [], [], []]);
          const expected = await theirs(place);
          held += expected.length;
          expect(ours(state)).toEqual(expected);
        }),
        { numRuns: RUNS, unbiased: true },
      );
      expect(held, "an oracle that was asked about nothing").toBeGreaterThan(RUNS * 5);
    },
    LONGEST_MS,
  );

  it(
    "applying a plan gives an empty second plan, and touches nothing unmanaged",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          large,
          large,
          large,
          fc.constantFrom("report" as const, "revert" as const),
          async (a, b, c, drift) => {
            const { connection } = await fill(c);
            const [base, want, live] = [stateOfDomain(a), stateOfDomain(b), (await readLive(connection)).state];
            const input = { target: openDomain({ drift }), platform: keystone };
            const first = planFor({ base, want, live }, input);
            const ready = first.plan.changes.filter(({ blockedBy }) => !blockedBy);
            const writer = driver.openWriter(connection);
            const outcomes = await writeChanges(writer, ready, {
              live: first.live,
              intend: () => {},
              note: () => {},
              stopping: () => false,
            });
            await writer.close();
            expect(outcomes.filter(({ status }) => status !== "applied")).toEqual([]);
            const after = (await readLive(connection)).state;
            const second = planFor({ base, want, live: after }, input).plan;
            const held = new Set(first.plan.changes.filter(({ blockedBy }) => blockedBy).map(({ key }) => key));
            expect(second.changes.map(({ key }) => key).filter((key) => !held.has(key))).toEqual([]);
            const stays = first.plan.unmanaged.map(({ key }) => key);
            expect(second.unmanaged.map(({ key }) => key)).toEqual(expect.arrayContaining(stays));
          },
        ),
        { numRuns: RUNS, unbiased: true },
      );
    },
    LONGEST_MS,
  );
});
