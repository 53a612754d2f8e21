import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openJournal, readJournal, uncertainChanges } from "../../src/git/journal.ts";
import { scratchFolder } from "./scratch.ts";

const INTENT = { digest: "d".repeat(64), startedAt: "2026-03-01T10:00:00Z", at: "2026-03-01T10:00:01Z" };

describe("journal", () => {
  it("gives back what was written, in order, until it is removed", async () => {
    const gitDir = scratchFolder();
    expect(readJournal(gitDir, "acme")).toEqual([]);
    const journal = openJournal(gitDir, "acme");
    journal.intend({ ...INTENT, changes: ["c1", "c2", "c3"] });
    journal.note({ change: "c2", status: "applied" });
    journal.note({ change: "c1", status: "failed", cause: "line\nbreak" });
    const lines = readJournal(gitDir, "acme");
    expect(lines).toEqual([
      { type: "intent", ...INTENT, changes: ["c1", "c2", "c3"] },
      { type: "outcome", outcome: { change: "c2", status: "applied" } },
      { type: "outcome", outcome: { change: "c1", status: "failed", cause: "line\nbreak" } },
    ]);
    expect(uncertainChanges(lines)).toEqual(["c3"]);
    await journal.close();
    const again = openJournal(gitDir, "acme");
    again.intend({ ...INTENT, changes: ["c3"] });
    expect(readJournal(gitDir, "acme").length).toBe(4);
    expect(readJournal(gitDir, "other")).toEqual([]);
    await again.remove();
    await again.remove();
    expect(readJournal(gitDir, "acme")).toEqual([]);
    expect(existsSync(join(gitDir, "rolebook/journal/acme.ndjson"))).toBe(false);
  });

  it("tolerates a last line torn at any byte, and goes on after it", async () => {
    const gitDir = scratchFolder();
    const path = join(gitDir, "rolebook/journal/acme.ndjson");
    const journal = openJournal(gitDir, "acme");
    journal.intend({ ...INTENT, changes: ["c1"] });
    const intact = readFileSync(path);
    journal.note({ change: "c1", status: "applied" });
    await journal.close();
    const whole = readFileSync(path);
    for (let size = intact.length; size < whole.length; size += 1) {
      writeFileSync(path, whole);
      truncateSync(path, size);
      // Only the newline missing: the line itself is whole, and counts.
      expect(readJournal(gitDir, "acme").length, `${size} bytes`).toBe(size === whole.length - 1 ? 2 : 1);
      const next = openJournal(gitDir, "acme");
      next.note({ change: "c9", status: "skipped" });
      await next.close();
      expect(readJournal(gitDir, "acme").at(-1), `${size} bytes`).toEqual({
        type: "outcome",
        outcome: { change: "c9", status: "skipped" },
      });
    }
  });

  it("ignores lines of another making", () => {
    const gitDir = scratchFolder();
    openJournal(gitDir, "acme").intend({ ...INTENT, changes: ["c1"] });
    appendFileSync(join(gitDir, "rolebook/journal/acme.ndjson"), 'null\n[]\n{"type":"other"}\n{"type":"outcome"}\n');
    expect(readJournal(gitDir, "acme").length).toBe(1);
  });

  it("takes 10,000 outcomes without waiting for the disk each time", async () => {
    const gitDir = scratchFolder();
    const journal = openJournal(gitDir, "acme");
    for (let index = 0; index < 10_000; index += 1) journal.note({ change: `c${index}`, status: "applied" });
    await journal.close();
    expect(readJournal(gitDir, "acme").length).toBe(10_000);
  });

  it("refuses a target that is none", () => {
    expect(() => openJournal(scratchFolder(), "../x")).toThrow(/not a target's name/);
  });
});
