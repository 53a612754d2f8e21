// A receipt: what was made, what was not and why, and never "done" without proof.
import { describe, expect, test } from "vitest";
import type { Receipt } from "../../src/model/receipt.ts";
import { receiptToJson } from "../../src/report/receipt-json.ts";
import { renderReceiptText } from "../../src/report/receipt-text.ts";
import { RECEIPT, RECEIPT_CHANGES } from "./examples.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";
import { schemaErrors } from "./schema.ts";

const OPTIONS = { color: false, width: 80, full: false };

describe("as text", () => {
  test("of a troubled apply", async () => {
    await expect(renderReceiptText(RECEIPT, RECEIPT_CHANGES, OPTIONS)).toMatchFileSnapshot("golden/receipt.txt");
  });

  test("of one that converged", async () => {
    const outcomes = RECEIPT.outcomes.slice(0, 1);
    const text = renderReceiptText({ ...RECEIPT, outcomes, converged: true }, RECEIPT_CHANGES, OPTIONS);
    await expect(text).toMatchFileSnapshot("golden/receipt-converged.txt");
  });

  test("all applied and yet not converged is not called done", () => {
    const outcomes = RECEIPT.outcomes.slice(0, 1);
    const text = renderReceiptText({ ...RECEIPT, outcomes }, RECEIPT_CHANGES, OPTIONS);
    expect(text).toContain("Not converged: a fresh read still finds something to change or to decide.");
    expect(text).not.toContain("Converged:");
  });

  test("waivers that were spent, and rules that were weakened, are told", () => {
    const told = (receipt: Partial<Receipt>) => renderReceiptText({ ...RECEIPT, ...receipt }, RECEIPT_CHANGES, OPTIONS);
    expect(told({ waivers: ["Team moves", "Übung"] })).toContain("\nWaivers spent: Team moves, Übung\n");
    const weakens = (count: number) => ({
      approval: { ...RECEIPT.approval, weakens: Array(count).fill("a".repeat(24)) },
    });
    expect(told(weakens(1))).toContain("\nAgreed to 1 thing beside the changes: rules weakened, or access given by");
    expect(told({})).not.toMatch(/Waivers|beside/);
  });

  test("who approved is told as it was: reviews with their pull requests, an emergency as nobody", () => {
    const told = (approval: Partial<Receipt["approval"]>) =>
      renderReceiptText({ ...RECEIPT, approval: { ...RECEIPT.approval, ...approval } }, [], { ...OPTIONS, width: 300 });
    const review = (login: string, pull: number) => ({
      ...{ pull, review: pull * 10, login, member: `${login}@acme.example` },
      ...{ commit: "a".repeat(40), at: "2026-11-22T12:00:00Z" },
    });
    const evidence = [review("hana", 4), review("noor", 4), review("hana", 3)];
    expect(told({ how: "reviews", evidence })).toContain(
      "Approved by the reviews of hana (pull requests 3 and 4) and noor (pull request 4), at commit",
    );
    expect(told({ how: "reviews", evidence: [], ended: ["a".repeat(24)] })).toContain(
      "Approved by 1 end of access approved earlier, at commit",
    );
    const glass = { how: "break-glass", by: "tomas@acme.example", reason: "It is down", despite: "Holidays" } as const;
    expect(told(glass)).toContain(
      "Approved by nobody; made by tomas@acme.example in an emergency (It is down), in spite of a freeze (Holidays), at commit",
    );
  });

  test("one cause for many is told once, and --full lists them all", () => {
    const outcomes = Array.from({ length: 50 }, (_, index) => ({
      change: String(index).padStart(24, "0"),
      status: "failed" as const,
      cause: "timed out",
    }));
    const [short, full] = [false, true].map((full) =>
      renderReceiptText({ ...RECEIPT, outcomes }, [], { ...OPTIONS, full }),
    );
    expect(short?.split("timed out")).toHaveLength(2);
    expect(short).toContain("… and 30 more changes (--full)");
    for (const { change } of outcomes) expect(full).toContain(change);
  });

  test("hostile causes and names are harmless", () => {
    for (const name of HOSTILE_NAMES) {
      const receipt: Receipt = {
        ...RECEIPT,
        target: name,
        approval: {
          ...{ ...RECEIPT.approval, by: name, how: "reviews" },
          evidence: [{ pull: 1, review: 1, login: name, member: name, commit: name, at: name }],
        },
        waivers: [name],
        outcomes: RECEIPT.outcomes.map((outcome) => ({ ...outcome, cause: name })),
      };
      const changes = RECEIPT_CHANGES.map((change) => ({ ...change, name, kind: name }));
      expect(terminalDangers(renderReceiptText(receipt, changes, OPTIONS))).toEqual([]);
    }
  });
});

describe("as JSON", () => {
  test("keeps to its schema and counts", () => {
    const value = JSON.parse(JSON.stringify(receiptToJson(RECEIPT, RECEIPT_CHANGES)));
    expect(schemaErrors("receipt", value)).toEqual([]);
    expect(value.summary).toEqual({ applied: 1, skipped: 2, failed: 1, conflict: 1 });
    expect(value.outcomes[0]).toMatchObject({ status: "applied", cause: null, action: "create", name: "Card editor" });
    expect(value.outcomes[4]).toMatchObject({ status: "skipped", cause: "not approved", action: null, name: null });
    expect(schemaErrors("receipt", { ...value, secret: "x" })).not.toEqual([]);
    expect([value.waivers, value.approval.weakens]).toEqual([undefined, undefined]);
  });

  test("holds the waivers and what was weakened", () => {
    const weakens = ["a".repeat(24)];
    const receipt = { ...RECEIPT, waivers: ["Team moves"], approval: { ...RECEIPT.approval, weakens } };
    const value = JSON.parse(JSON.stringify(receiptToJson(receipt, RECEIPT_CHANGES)));
    expect(schemaErrors("receipt", value)).toEqual([]);
    expect([value.waivers, value.approval.weakens]).toEqual([["Team moves"], weakens]);
  });
});
