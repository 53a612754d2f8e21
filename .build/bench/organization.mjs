// Generates a large, plausible organization from a seed: roles, groups of very different sizes, people in one team and
// some other groups, a few memberships with an end. The same seed and size give the same organization on any machine.
// Plain data only; files and platform states are rendered elsewhere.

/** At size 1. Groups, members and memberships grow with the size, roles and environments do not. */
const MEMBERS = 100_000;
const MEMBERSHIPS = 297_000;
const GROUPS = 5_000;
const ROLES = 100;

export const ENVIRONMENTS = ["dev", "test", "staging", "production"];
/** Sets of environments that groups refer to by name. */
export const SCOPES = [
  { name: "non-production", environments: ["dev", "staging", "test"] },
  { name: "live", environments: ["production", "staging"] },
];

/** Every resource with the levels it offers; those with an environment come first. */
const ENVIRONMENT_RESOURCES = [
  ["API authentication controls", ["view", "edit"]],
  ["Analytics exporter", ["view"]],
  ["Card instance", ["view", "edit", "admin"]],
  ["Card template", ["view", "edit", "admin"]],
  ["Connectors", ["view", "edit"]],
  ["Container", ["view", "edit"]],
  ["Customer", ["admin"]],
  ["Environment", ["view", "edit", "admin"]],
  ["Notifications", ["view", "edit"]],
  ["Override card approval", ["admin"]],
  ["SDK API key", ["view", "edit"]],
  ["Segment", ["view", "edit"]],
  ["Stream", ["view", "edit"]],
  ["Tag", ["view", "edit"]],
  ["Theme", ["view", "edit"]],
  ["Webhook credentials", ["view", "edit"]],
  ["Webhook request log", ["view"]],
  ["Webhook subscription", ["view", "edit"]],
];
const ORGANIZATION_RESOURCES = [
  ["Audit log", ["view", "admin"]],
  ["Organization", ["view", "edit"]],
  ["Request debugger", ["view"]],
  ["Workbench member", ["view", "edit"]],
];

const FIRST_NAMES =
  "Ana Annika Amara Bo Chen Chidi Dmitri Eleni Emre Farida Gustav Hana Ines Ingrid Jonas Kamala Katarzyna Kofi Lars Leila Mateus Mei Nadia Noor Olumide Petra Priya Ravi Rosalind Sakura Sofia Tariq Thandiwe Tomasz Ulrike Viktor Wanjiru Ximena Yusuf Zoltan".split(
    " ",
  );
const LAST_NAMES =
  "Adeyemi Andersson Banerjee Bianchi Carvalho Castellanos Chaudhary Dvorak Eriksen Fernandez Fitzgerald Georgiou Grigoryan Haddad Hernandez Ivanova Jankowski Kariuki Kaya Kobayashi Lindqvist Mbeki Menon Moreau Nakamura Novak Obradovic Okafor Papadopoulos Petrov Quintero Rasmussen Richardson Rossi Sato Schneider Szabo Takahashi Ueda Vasquez Wojciechowski Yamamoto Zhang Zimmermann".split(
    " ",
  );
const PLACES = "Basel Bergen Bristol Calgary Cork Dakar Gdansk Hobart Izmir Kyoto Lagos Lyon Nelson Osaka Porto".split(
  " ",
);
const WORK =
  "card design,card review,analytics,customer support,integration,campaigns,platform,release,translation,quality".split(
    ",",
  );

/** Numbers in [0, 1) from a seed (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An organization of a size (1 is the big job). `people` of a group are indexes of members; `ends` are by member. */
export function generateOrganization(size, seed) {
  const random = randomFrom(seed);
  const members = Array.from({ length: Math.round(MEMBERS * size) }, (_, index) => newMember(index, random));
  const roles = generateRoles(random);
  const groups = generateGroups(size, roles, random);
  placePeople(groups, members.length, Math.round(MEMBERSHIPS * size), random);
  return { members, roles, groups, joiners: [] };
}

/** The index is in the address, so that no two are the same. */
export function newMember(index, random) {
  const [firstName, lastName] = [pick(FIRST_NAMES, random), pick(LAST_NAMES, random)];
  const number = String(index + 1).padStart(6, "0");
  return {
    id: `m${number}`,
    email: `${firstName}.${lastName}${number}@acme.example`.toLowerCase(),
    firstName,
    lastName,
  };
}

export function pick(list, random) {
  return list[Math.floor(random() * list.length)];
}

/** Two roles in ten are about the whole organization; the others only about environments, so that a limit fits them. */
function generateRoles(random) {
  return Array.from({ length: ROLES }, (_, index) => {
    const wide = index % 5 === 0;
    const permissions = {};
    const source = wide ? ORGANIZATION_RESOURCES : ENVIRONMENT_RESOURCES;
    const count = wide ? 1 + Math.floor(random() * 3) : 2 + Math.floor(random() * 6);
    while (Object.keys(permissions).length < count) {
      const [resource, levels] = pick(source, random);
      permissions[resource] = pick(levels, random);
    }
    const name = `${capital(pick(WORK, random))} ${String(index + 1).padStart(3, "0")}`;
    const sorted = Object.fromEntries(Object.entries(permissions).sort(([a], [b]) => (a < b ? -1 : 1)));
    return { id: `r${index + 1}`, name, description: `What ${name} needs`, wide, permissions: sorted };
  });
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The first group is the platform's own Owner group, which no document declares. Every role is carried by some group. */
function generateGroups(size, roles, random) {
  const count = Math.round(GROUPS * size);
  return Array.from({ length: count }, (_, index) => {
    const [place, work] = [pick(PLACES, random), pick(WORK, random)];
    const environments = pick(["all", "all", "non-production", "live", ["production"], ["dev", "test"]], random);
    const name = index === 0 ? "Owner" : `${place} ${work} ${String(index).padStart(5, "0")}`;
    const description = `People in ${place} who work on ${work}`;
    return {
      id: `g${index + 1}`,
      name,
      description,
      declared: index > 0,
      roles: chooseRoles(roles, index, environments === "all", random),
      environments: index === 0 ? "all" : environments,
      people: [],
      ends: new Map(),
    };
  });
}

/** One to three roles, each of which adds something to the others and is not dead in a limited group. */
function chooseRoles(roles, index, unlimited, random) {
  const fits = roles.filter(({ wide }) => unlimited || !wide);
  const own = roles[index % roles.length];
  const chosen = [unlimited || !own.wide ? own : pick(fits, random)];
  for (let wanted = Math.floor(random() * 3); wanted > 0; wanted--) {
    const candidate = pick(fits, random);
    if (!chosen.includes(candidate) && addsSomething([...chosen, candidate])) chosen.push(candidate);
  }
  return chosen;
}

/** Whether every role has a resource that none of the others permits. */
function addsSomething(roles) {
  return roles.every((role) =>
    Object.keys(role.permissions).some(
      (resource) => !roles.some((other) => other !== role && resource in other.permissions),
    ),
  );
}

/** Everybody has one team of neighbours; the other memberships are anywhere. */
function placePeople(groups, memberCount, total, random) {
  const sizes = groupSizes(groups.length, memberCount, total);
  const sets = groups.map(() => new Set());
  let next = 0;
  const order = shuffled(groups.keys(), random);
  for (const index of order) {
    const size = sizes[index];
    while (sets[index].size < size) sets[index].add(next < memberCount ? next++ : Math.floor(random() * memberCount));
  }
  for (const [index, group] of groups.entries()) {
    group.people = [...sets[index]].sort((a, b) => a - b);
    for (const member of group.people) if (random() < 0.03) group.ends.set(member, newEnd(random));
  }
}

export function shuffled(items, random) {
  const list = [...items];
  for (let at = list.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [list[at], list[other]] = [list[other], list[at]];
  }
  return list;
}

/** A few very large groups and many small ones, `total` memberships in all. The Owner group has five people. */
function groupSizes(count, memberCount, total) {
  const owners = Math.min(5, memberCount);
  const weights = Array.from({ length: count - 1 }, (_, index) => (index + 6) ** -0.8);
  const sum = weights.reduce((left, right) => left + right, 0);
  const most = Math.floor(memberCount / 3);
  const sizes = [owners, ...weights.map((weight) => Math.min(most, Math.floor((weight / sum) * (total - owners))))];
  let left = total - sizes.reduce((a, b) => a + b, 0);
  for (let at = 1; left > 0; at = (at % (count - 1)) + 1, left--) sizes[at] += 1;
  return sizes;
}

function newEnd(random) {
  const until = `20${31 + Math.floor(random() * 8)}-${String(1 + Math.floor(random() * 12)).padStart(2, "0")}-28`;
  return { until, reason: `Contract C-${100 + Math.floor(random() * 900)}` };
}
