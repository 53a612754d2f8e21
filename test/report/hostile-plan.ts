// A plan in which every name, text, path and message is hostile.
import type { Change } from "../../src/model/change.ts";
import type { Plan } from "../../src/model/plan.ts";
import { SEVERITIES } from "../../src/report/findings-text.ts";
import { changeOf, examplePlan, membershipOf } from "./examples.ts";
import { HOSTILE_NAMES } from "./hostile.ts";

/** `at` picks which hostile name stands where, so that each can be seen everywhere. */
export function hostilePlan(at = 0, size = HOSTILE_NAMES.length): Plan {
  const name = (index: number) => HOSTILE_NAMES[(at + index) % HOSTILE_NAMES.length] ?? "";
  const indexes = Array.from({ length: size }, (_, index) => index);
  const changes = indexes.flatMap((index): Change[] => {
    const [one, two, three] = [name(index), name(index + 1), name(index + 2)];
    return [
      changeOf({
        action: "update",
        kind: "Role",
        name: one,
        blockedBy: index % 5 === 0 ? [two] : [],
        before: { name: two, attributes: { description: one, roles: [one, two], permissions: { [one]: two } } },
        after: {
          name: one,
          attributes: { description: `${two}\n${three}`, roles: [three], permissions: { [one]: three } },
        },
      }),
      changeOf({ action: "create", kind: two, name: three, after: { name: three, attributes: { [one]: two } } }),
      membershipOf("create", one, two, { after: { name: two, attributes: { reason: three } } }),
      membershipOf("delete", two, three),
    ];
  });
  return examplePlan({
    target: name(0),
    platform: name(1),
    changes,
    access: indexes.map((index) => ({
      members: [name(index), name(index + 1)],
      changes: [
        {
          resource: name(index + 2),
          scope: name(index + 3),
          before: name(index + 4),
          after: null,
          via: [{ group: name(index + 5), role: name(index + 6) }, { role: name(index) }, {}],
        },
        { resource: name(index), scope: "organization", before: null, after: name(index + 1), via: [] },
      ],
      gains: true,
      loses: true,
    })),
    drift: indexes.map((index) => ({
      ...discrepancy(name, index),
      mode: "propose",
      effect: "mixed",
      by: { by: name(index), at: name(index + 1), action: name(index + 2) },
    })),
    conflicts: indexes.map((index) => ({
      ...discrepancy(name, index + 1),
      place: { file: name(index), line: 1, column: 1 },
    })),
    unmanaged: indexes.map((index) => ({ kind: name(index), key: name(index + 1), name: name(index + 2) })),
    findings: indexes.map((index) => ({
      severity: SEVERITIES[index % 3] ?? "note",
      code: name(index),
      message: name(index + 1),
      hint: name(index + 2),
      blocks: "removals",
      ...(index % 2 === 0 ? { key: name(index + 3) } : { place: { file: name(index + 3), line: 1, column: 2 } }),
    })),
    weakens: indexes.map((index) => ({
      id: String(index).padStart(24, "0"),
      what: name(index),
      owners: index % 3 === 0 ? [] : [name(index + 1), name(index + 2)],
      ...(index % 2 === 0 ? {} : { place: { file: name(index + 3), line: 1, column: 2 } }),
    })),
    proposals: indexes.map((index) => ({
      kind: index % 2 === 0 ? "remove-entry" : "rename-member",
      what: name(index),
      place: { file: name(index + 1), line: 1, column: 2 },
      ...(index % 2 === 0 ? {} : { to: name(index + 2) }),
    })),
    waivers: indexes.map((index) => name(index)),
  });
}

function discrepancy(name: (index: number) => string, index: number) {
  return {
    kind: name(index),
    key: `Role/${name(index + 1)}`,
    name: name(index + 2),
    shape: "changed" as const,
    attributes: [
      {
        attribute: name(index),
        base: name(index + 1),
        want: [name(index + 2)],
        live: { [name(index)]: name(index + 3) },
      },
    ],
  };
}
