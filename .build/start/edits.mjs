// What people do in the first run: a file full of mistakes, one good commit, and edits on the platform by hand.
// Data and plain requests; nothing here knows of Rolebook.

/** A file as somebody in a hurry writes it. */
export const BAD_FILE = {
  path: "policies/acme/groups/press.yaml",
  text: `kind: Group
name: Press office
roles: [Card editr]
environments: []
colour: blue
---
kind: Membership
group: Press office
members:
  - ana@acme.exmaple
  - email: bo@acme.example
    until: 2031-02-30
`,
};

/** A file without a mistake that does what a guardrail forbids: Lars drafts cards, and could approve them as well. */
export const FORBIDDEN_FILE = {
  path: "policies/acme/groups/holidays.yaml",
  text: `kind: Role
name: Stand-in approver
description: Approves while the approvers are away
permissions:
  Override card approval: admin
---
kind: Group
name: Stand-in approvers
roles: [Stand-in approver]
environments: [staging]
---
kind: Membership
group: Stand-in approvers
members:
  - email: lars@acme.example
    until: 2031-01-31
    reason: Summer holidays
`,
};

/** The commit: a new group with its role, a person who moves, a role that is widened. */
export const COMMIT = {
  files: {
    "policies/acme/groups/campaigns.yaml": `kind: Role
name: Campaign sender
description: Sends cards to whole segments
permissions:
  Card instance: edit
  Segment: edit
---
kind: Group
name: Campaign managers
roles: [Campaign sender]
environments: [production]
---
kind: Membership
group: Campaign managers
members:
  - lars@acme.example
  - olu@acme.example
`,
  },
  replacements: [
    ["policies/acme/memberships/cards.yaml", "  - priya@acme.example\n", ""],
    [
      "policies/acme/memberships/insights.yaml",
      "  - ravi@acme.example\n",
      "  - priya@acme.example\n  - ravi@acme.example\n",
    ],
    ["policies/acme/roles/operations.yaml", "  Segment: view\n", "  Segment: edit\n"],
    ["policies/rolebook.yaml", "    drift: report\n", "    drift: revert\n"],
  ],
};

/** Edits on the platform, past Git, with the console's credential. Gives a line about each request it made. */
export async function editByHand(url) {
  const call = await signIn(url);
  const [roles, groups, members] = await Promise.all(
    ["roles", "groups", "members"].map(async (name) => (await call("GET", `/v1/${name}?limit=1000`)).data),
  );
  const named = (rows, name) => rows.find((row) => (row.name ?? row.email) === name);
  const approvers = named(groups, "Card approvers");
  const analysts = named(groups, "analytics - test");
  const roleIds = [...approvers.roleIds, named(roles, "Card publisher").id];
  const remove = [named(members, "sofia@acme.example").id];
  const requests = [
    ["PATCH", `/v1/groups/${approvers.id}`, { roleIds }, { "if-match": approvers.etag }],
    ["POST", `/v1/groups/${analysts.id}/members/batch`, { add: [], remove }, { "idempotency-key": "by-hand" }],
  ];
  const lines = [];
  for (const [method, path, body, headers] of requests) {
    await call(method, path, body, headers);
    lines.push(`${method} ${path} ${JSON.stringify(body)}`);
  }
  return lines;
}

async function signIn(url) {
  const agent = { "user-agent": "console" };
  const basic = Buffer.from("console:local-console-secret").toString("base64");
  const answer = await fetch(`${url}/oauth2/token`, {
    method: "POST",
    headers: { ...agent, authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials",
  });
  const { access_token: token } = await answer.json();
  return async (method, path, body, headers = {}) => {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const response = await fetch(url + path, {
      method,
      headers: { ...agent, authorization: `Bearer ${token}`, ...type, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
}
