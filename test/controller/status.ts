// Statuses to show: one with a bit of everything, an empty one, and one of which every word wants to be more than a word.
import type { Status, TargetStatus } from "../../src/model/status.ts";
import { HOSTILE_NAMES } from "../report/hostile.ts";

export const NOTHING: Status = {
  version: 1,
  tool: "rolebook 0.1.0",
  at: "2027-01-31T12:00:30.000Z",
  state: "starting",
  repository: { name: "acme/access", url: null },
  branch: null,
  tip: null,
  webhooks: false,
  lookedAt: null,
  nextLook: null,
  nextDrift: null,
  targets: [],
  pulls: [],
  receipts: [],
  queue: [],
  errors: [],
};

const TARGET: TargetStatus = {
  name: "acme",
  platform: "atomic",
  applied: "1f0c".repeat(10),
  behind: 0,
  pending: 0,
  held: [],
  heldTotal: 0,
  refused: null,
  drift: { at: "2027-01-31T11:07:04.000Z", entities: 0, escalates: false, pull: null },
  paused: false,
  frozen: null,
  appliedAt: "2027-01-31T11:58:00.000Z",
};

export const BUSY: Status = {
  ...NOTHING,
  state: "running",
  repository: { name: "acme/access", url: "https://git.example/acme/access" },
  branch: "main",
  tip: "2e0d".repeat(10),
  webhooks: true,
  lookedAt: "2027-01-31T12:00:00.000Z",
  nextLook: "2027-01-31T12:02:00.000Z",
  nextDrift: "2027-01-31T12:07:00.000Z",
  targets: [
    TARGET,
    {
      ...TARGET,
      name: "cards-emea",
      behind: 3,
      pending: 4,
      heldTotal: 23,
      held: [
        {
          change: "c1",
          name: "Membership ana@acme.example in Release managers",
          why: "1 of 2 approvals is missing",
          pull: 41,
        },
        {
          change: "c2",
          name: "Role Card editor",
          why: "It came with a direct push, which approves nothing",
          pull: null,
        },
      ],
      drift: { at: "2027-01-31T11:07:04.000Z", entities: 2, escalates: true, pull: 44 },
    },
    {
      ...TARGET,
      name: "cloud",
      platform: "keystone",
      frozen: { reason: "Year end", until: "2027-02-01T06:00:00.000Z" },
    },
    { ...TARGET, name: "lab", paused: true, applied: null, behind: null, pending: null, drift: null },
    { ...TARGET, name: "shop", refused: "The read leaves doubts, so nothing is removed", pending: 2 },
  ],
  pulls: [
    { number: 41, title: "Release managers for the spring launch", conclusion: "action_required", planned: true },
    { number: 44, title: "Drift of cards-emea", conclusion: "success", planned: true },
    { number: 45, title: "Everybody an owner", conclusion: "failure", planned: true },
    { number: 46, title: "A word in the README", conclusion: null, planned: true },
    { number: 47, title: "Just opened", conclusion: null, planned: false },
  ],
  receipts: [
    {
      target: "acme",
      endedAt: "2027-01-31T11:58:00.000Z",
      commit: "1f0c".repeat(10),
      how: "reviews",
      by: "bo@acme.example, cy@acme.example",
      applied: 12,
      unapplied: 0,
      converged: true,
    },
    {
      target: "shop",
      endedAt: "2027-01-30T09:12:00.000Z",
      commit: "3a9b".repeat(10),
      how: "break-glass",
      by: "dee@acme.example",
      applied: 1,
      unapplied: 2,
      converged: false,
    },
  ],
  queue: [
    { key: "apply shop", state: "waiting", at: "2027-01-31T12:05:00.000Z", failures: 3 },
    { key: "plan #47", state: "running", at: "2027-01-31T12:00:10.000Z", failures: 0 },
  ],
  errors: [
    {
      at: "2027-01-31T11:59:00.000Z",
      key: "apply shop",
      run: "0b9c0d7e-1111-4222-8333-444455556666",
      message: "1 change was not made: the platform answered 500",
    },
  ],
};

/** Every text is hostile, also where only we should have a say. */
export const HOSTILE: Status = {
  ...BUSY,
  repository: { name: HOSTILE_NAMES.join(" "), url: 'javascript:alert(1)//"><script>alert(1)</script>' },
  branch: HOSTILE_NAMES[12] ?? "",
  targets: HOSTILE_NAMES.map((name) => ({
    ...TARGET,
    name,
    platform: name,
    applied: name,
    refused: name,
    frozen: { reason: name, until: name },
    heldTotal: 1,
    held: [{ change: name, name, why: name, pull: 1 }],
  })),
  pulls: HOSTILE_NAMES.map((title, number) => ({ number, title, conclusion: null, planned: true })),
  receipts: HOSTILE_NAMES.map((name) => ({
    target: name,
    endedAt: name,
    commit: name,
    how: name,
    by: name,
    applied: 0,
    unapplied: 0,
    converged: false,
  })),
  queue: HOSTILE_NAMES.map((key) => ({ key, state: "waiting", at: "2027-01-31T12:05:00.000Z", failures: 1 })),
  errors: HOSTILE_NAMES.map((message) => ({ at: message, key: message, run: message, message })),
};
