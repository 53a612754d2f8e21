// A generated organization as a document that the simulator can load.
import type { StateDocument } from "../../src/simulator/records.ts";
import { emptySeed } from "../../src/simulator/seed.ts";
import type { Organization } from "./organization.ts";

/** The organization with made-up ids; environments are the simulator's four. */
export function seedOf({ roles, groups, members }: Organization): StateDocument {
  const empty = emptySeed();
  const environmentId = (name: string) =>
    empty.environments.find((environment) => environment.name === name)?.id ?? name;
  const ids = (prefix: string, names: readonly string[]) =>
    new Map(names.map((name, index) => [name, `${prefix}${String(index + 1).padStart(6, "0")}`]));
  const [roleIds, groupIds, memberIds] = [
    ids("role", Object.keys(roles)),
    ids("grp", Object.keys(groups)),
    ids("mem", Object.keys(members)),
  ];
  const pick = (from: ReadonlyMap<string, string>) => (name: string) => from.get(name) ?? name;
  return {
    ...empty,
    roles: Object.entries(roles).map(([name, role]) => ({
      id: pick(roleIds)(name),
      name,
      description: role.description ?? "",
      permissions: Object.entries(role.permissions).map(([resource, level]) => ({ resource, level })),
    })),
    groups: Object.entries(groups).map(([name, group]) => ({
      id: pick(groupIds)(name),
      name,
      description: group.description ?? "",
      roleIds: group.roles.map(pick(roleIds)),
      environmentIds: group.environments === "all" ? [] : group.environments.map(environmentId),
    })),
    members: Object.entries(members).map(([email, names]) => ({
      id: pick(memberIds)(email),
      email,
      ...names,
      status: "active" as const,
    })),
    memberships: Object.fromEntries(
      Object.entries(groups).map(([name, group]) => [pick(groupIds)(name), group.members.map(pick(memberIds))]),
    ),
  };
}
