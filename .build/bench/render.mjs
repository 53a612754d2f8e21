// A generated organization as the two things Rolebook compares: policy files, and the state document that the simulator
// starts from. Text in, text out; it touches no file.
import { ENVIRONMENTS, SCOPES } from "./organization.mjs";

/** Members in one file; with the groups' own files this makes 5,100 files of the big job. */
const MEMBERS_A_FILE = 1_042;

/**
 * The policy files, in no order. `of` is what a file is made from: a file whose `of` is the same object in two versions
 * of an organization is the same file. `documents` makes its documents as plain values.
 */
export function* policyFiles(organization, url) {
  const { members, joiners, roles, groups } = organization;
  yield { path: "rolebook.yaml", of: url, documents: () => [settings(url)] };
  yield { path: "acme/scopes.yaml", of: SCOPES, documents: () => SCOPES.map(scopeDocument) };
  const half = roles.length / 2;
  for (const [name, some] of [
    ["cards", roles.slice(0, half)],
    ["platform", roles.slice(half)],
  ])
    yield { path: `acme/roles/${name}.yaml`, of: roles, documents: () => some.map(roleDocument) };
  const byAddress = [...members].sort((a, b) => (a.email < b.email ? -1 : 1));
  for (let start = 0; start < byAddress.length; start += MEMBERS_A_FILE) {
    const path = `acme/members/${String(start / MEMBERS_A_FILE + 1).padStart(4, "0")}.yaml`;
    const some = byAddress.slice(start, start + MEMBERS_A_FILE);
    yield { path, of: members, documents: () => some.map(memberDocument) };
  }
  if (joiners.length > 0)
    yield { path: "acme/members/joiners.yaml", of: joiners, documents: () => joiners.map(memberDocument) };
  const everyone = [...members, ...joiners];
  for (const [index, group] of groups.entries()) {
    const folder = String(Math.floor(index / 100)).padStart(3, "0");
    const path = `acme/groups/${folder}/${group.name.toLowerCase().replaceAll(" ", "-")}.yaml`;
    yield { path, of: group, documents: () => groupDocuments(group, everyone) };
  }
}

/** Settings for a platform at `url`. The limits are wide open: a benchmark is not about them. */
function settings(url) {
  const open = { share: 1, count: 1_000_000 };
  const credentials = { clientId: "ACME_CLIENT_ID", clientSecret: "ACME_CLIENT_SECRET" };
  const limits = { target: open, group: open, scope: open, owners: open };
  const target = {
    name: "acme",
    platform: "atomic",
    url,
    organization: "acme",
    credentials,
    environments: ENVIRONMENTS,
  };
  return { kind: "Settings", targets: [{ ...target, limits }] };
}

function scopeDocument({ name, environments }) {
  return { kind: "EnvironmentScope", name, environments };
}

function roleDocument({ name, description, permissions }) {
  return { kind: "Role", name, description, permissions };
}

function memberDocument({ email, firstName, lastName }) {
  return { kind: "Member", email, firstName, lastName };
}

function groupDocuments({ declared, name, description, roles, environments, people, ends }, everyone) {
  const members = people.map((member) => {
    const { email } = everyone[member];
    const end = ends.get(member);
    return end ? { email, until: end.until, reason: end.reason } : email;
  });
  const group = { kind: "Group", name, description, roles: roles.map((role) => role.name), environments };
  return [...(declared ? [group] : []), { kind: "Membership", group: name, members }];
}

/** Documents as the YAML a person would write. Every text here is one that needs no quotes. */
export function yamlOf(documents) {
  return documents.map((document) => blockOf(document, "")).join("---\n");
}

function blockOf(mapping, indent) {
  let text = "";
  for (const [key, value] of Object.entries(mapping)) {
    if (typeof value !== "object") text += `${indent}${key}: ${value}\n`;
    else if (!Array.isArray(value)) text += `${indent}${key}:\n${blockOf(value, `${indent}  `)}`;
    else if (key !== "members" && value.every((item) => typeof item === "string"))
      text += `${indent}${key}: [${value.join(", ")}]\n`;
    else text += `${indent}${key}:\n${value.map((item) => itemOf(item, `${indent}  `)).join("")}`;
  }
  return text;
}

function itemOf(item, indent) {
  if (typeof item !== "object") return `${indent}- ${item}\n`;
  return `${indent}- ${blockOf(item, `${indent}  `).slice(indent.length + 2)}`;
}

/** The state document of a platform that holds this organization, as JSON text in pieces. */
export function* stateDocument(organization) {
  const { members, joiners, roles, groups } = organization;
  const environmentIds = new Map(ENVIRONMENTS.map((name) => [name, `e-${name}`]));
  const environments = ENVIRONMENTS.map((name) => ({
    id: environmentIds.get(name),
    name,
    created: "2023-02-06T09:12:44.000Z",
    organisationName: "Acme",
  }));
  const head = { version: 1, organisation: { id: "acme", name: "Acme" }, environments };
  yield JSON.stringify(head).slice(0, -1);
  yield* list("roles", [ownerRole(), ...roles], ({ id, name, description, permissions }) => ({
    id,
    name,
    description,
    permissions: Object.entries(permissions).map(([resource, level]) => ({ resource, level })),
  }));
  yield* list("groups", groups, (group) => groupRow(group, environmentIds));
  const everyone = [...members, ...joiners];
  yield* list("members", everyone, ({ id, email, firstName, lastName }) => ({ id, email, firstName, lastName }));
  let separator = ',"memberships":{';
  for (const { id, people } of groups) {
    yield `${separator}${JSON.stringify(id)}:${JSON.stringify(people.map((member) => everyone[member].id))}`;
    separator = ",";
  }
  yield "}}";
}

function* list(name, items, toRow) {
  let separator = `,"${name}":[`;
  for (const item of items) {
    yield separator + JSON.stringify(toRow(item));
    separator = ",";
  }
  yield "]";
}

function groupRow({ id, name, description, declared, roles, environments }, environmentIds) {
  const scope = SCOPES.find((candidate) => candidate.name === environments);
  const names = environments === "all" ? [] : (scope?.environments ?? environments);
  return {
    id,
    name,
    description: declared ? description : "",
    roleIds: declared ? roles.map((role) => role.id) : ["r-owner"],
    environmentIds: names.map((environment) => environmentIds.get(environment)),
  };
}

/** The role that lets its members manage access: somebody must be able to. */
function ownerRole() {
  const permissions = {
    Role: "edit",
    "Workbench member": "edit",
    "Workbench member group": "edit",
    "Workbench member group assignment": "edit",
  };
  return { id: "r-owner", name: "Owner", description: "", permissions };
}
