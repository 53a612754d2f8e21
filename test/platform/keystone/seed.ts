// Fills a fresh domain of a real Keystone with a state, entity by entity, by an administrator's hand.
import { type Attributes, type Entity, groupOfSection, type State } from "../../../src/model/entity.ts";
import { fold } from "../../../src/platform/keystone/catalogue.ts";
import { parseGrant } from "../../../src/platform/keystone/grants.ts";
import { type Hand, handOf } from "./admin.ts";

export interface Seeded {
  readonly domain: { readonly id: string; readonly name: string };
  /** `Kind/folded name` -> id. */
  readonly ids: ReadonlyMap<string, string>;
}

/** Of every user that a seed makes. */
export const PASSWORD = "correct horse";

let made = 0;

/**
 * Makes a fresh domain that holds a state, and takes away the roles that earlier ones left: roles are shared by all
 * domains. Built-in roles are left as they are. `url` is only needed for application credentials, which their owner makes.
 */
export async function seedDomain(admin: Hand, state: State, url: string): Promise<Seeded> {
  await removeRoles(admin);
  made += 1;
  const name = `Acme ${made}`;
  const domain = { id: await admin.make("domain", { name }), name };
  const ids = new Map<string, string>();
  for (const role of await admin.list("/roles", "roles")) ids.set(`Role/${role.name}`, String(role.id));
  const each = async (kind: string, make: (entity: Entity) => Promise<string>) => {
    for (const entity of state.get(kind)?.values() ?? [])
      if (!ids.has(`${kind}/${entity.local}`)) ids.set(`${kind}/${entity.local}`, await make(entity));
  };
  const here = { domain_id: domain.id };
  await each("Project", ({ name, attributes }) => {
    const parent = typeof attributes.parent === "string" ? ids.get(`Project/${fold(attributes.parent)}`) : undefined;
    return admin.make("project", { name, ...here, ...(parent === undefined ? {} : { parent_id: parent }) });
  });
  await each("Role", (entity) => admin.make("role", { name: entity.name, ...texts(entity.attributes) }));
  await each("Group", (entity) => admin.make("group", { name: entity.name, ...here, ...texts(entity.attributes) }));
  await each("Member", (entity) =>
    admin.make("user", { name: entity.name, ...here, ...texts(entity.attributes), password: PASSWORD }),
  );
  for (const path of assignmentPaths(state, domain.id, ids)) await admin.call("PUT", path);
  for (const credential of state.get("ApplicationCredential")?.values() ?? [])
    ids.set(`ApplicationCredential/${credential.local}`, await makeCredential(credential, domain.name, ids, url));
  // Nobody who is disabled can make an application credential.
  for (const { local, attributes } of state.get("Member")?.values() ?? [])
    if (attributes.enabled === false)
      await admin.call("PATCH", `/users/${ids.get(`Member/${local}`)}`, { user: { enabled: false } });
  return { domain, ids };
}

/** Every role that is not built in. Implications go first: on SQLite they would stay, and break every list of them. */
export async function removeRoles(admin: Hand): Promise<void> {
  for (const { prior_role: prior, implies } of await admin.list("/role_inferences", "role_inferences"))
    if (!BUILT_IN.includes((prior as Named).name))
      for (const { id } of implies as readonly Named[])
        await admin.call("DELETE", `/roles/${(prior as Named).id}/implies/${id}`);
  for (const { id, options } of await admin.list("/roles", "roles"))
    if ((options as { readonly immutable?: boolean } | undefined)?.immutable !== true)
      await admin.call("DELETE", `/roles/${id}`);
}

const BUILT_IN = ["admin", "member", "reader"];

interface Named {
  readonly id: string;
  readonly name: string;
}

function texts(attributes: Attributes): Attributes {
  const { description, email } = attributes;
  return { ...(description === undefined ? {} : { description }), ...(email === undefined ? {} : { email }) };
}

function assignmentPaths(state: State, domainId: string, ids: ReadonlyMap<string, string>): string[] {
  const idOf = (kind: string, name: string) => {
    const id = ids.get(`${kind}/${fold(name)}`);
    if (id === undefined) throw new Error(`the state has no ${kind} "${name}"`);
    return id;
  };
  const paths: string[] = [];
  for (const role of state.get("Role")?.values() ?? []) {
    if (BUILT_IN.includes(role.name)) continue;
    for (const implied of namesIn(role.attributes.implies))
      paths.push(`/roles/${idOf("Role", role.name)}/implies/${idOf("Role", implied)}`);
  }
  for (const [kind, actors] of [
    ["Group", "groups"],
    ["Member", "users"],
  ] as const)
    for (const holder of state.get(kind)?.values() ?? [])
      for (const text of namesIn(holder.attributes.grants)) {
        const grant = parseGrant(text);
        const scope = "project" in grant ? `projects/${idOf("Project", grant.project)}` : `domains/${domainId}`;
        const plain = `${scope}/${actors}/${idOf(kind, holder.name)}/roles/${idOf("Role", grant.role)}`;
        const inherited = grant.on === "projects" || grant.on === "below";
        paths.push(inherited ? `/OS-INHERIT/${plain}/inherited_to_projects` : `/${plain}`);
      }
  for (const [section, members] of state) {
    const group = groupOfSection(section);
    if (group === undefined) continue;
    for (const { name } of members.values())
      paths.push(`/groups/${idOf("Group", group)}/users/${idOf("Member", name)}`);
  }
  return paths;
}

function namesIn(value: Attributes[string] | undefined): readonly string[] {
  return Array.isArray(value) ? value : [];
}

async function makeCredential(
  { name, attributes }: Entity,
  domain: string,
  ids: ReadonlyMap<string, string>,
  url: string,
): Promise<string> {
  const user = String(attributes.user);
  const project = { name: String(attributes.project), domain: { name: domain } };
  const owner = await handOf(url, { name: user, domain, password: PASSWORD, scope: { project } });
  const body = {
    name: name.slice(0, -` of ${user}`.length),
    roles: namesIn(attributes.roles).map((role) => ({ name: role })),
    ...(typeof attributes.expires === "string" ? { expires_at: attributes.expires.replace(/Z$/, "") } : {}),
    ...texts(attributes),
  };
  const path = `/users/${ids.get(`Member/${fold(user)}`)}/application_credentials`;
  const answer = await owner.call("POST", path, { application_credential: body });
  return (answer.application_credential as { readonly id: string }).id;
}
