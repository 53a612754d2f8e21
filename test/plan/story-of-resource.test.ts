// A story that keeps to one resource: what may be about it stays, where the platform has such a resource at all.
import { expect, test } from "vitest";
import type { Provenance } from "../../src/model/review.ts";
import { buildHistory, type HistoryInput } from "../../src/plan/history.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";

const WRITTEN: Provenance = {
  how: "written",
  since: "2026-01-01T00:00:00.000Z",
  commit: null,
  pull: null,
  author: null,
  approvers: [],
};
const INPUT: HistoryInput = {
  target: "acme",
  platform: atomic,
  subject: "member",
  local: "ana@acme.example",
  name: "ana@acme.example",
  runs: [],
  looks: [],
  reviews: [],
  adopted: [{ name: "ana@acme.example in Makers", provenance: WRITTEN }],
  groupName: (local) => local,
};

test.each([
  ["no resource is named", {}, 1],
  ["it may be about that resource", { resource: "Theme", foreign: false }, 1],
  ["the platform has no such resource", { resource: "Theme", foreign: true }, 0],
])("where %s", (_, asked, events) => {
  expect(buildHistory({ ...INPUT, ...asked }).events).toHaveLength(events);
});
