// Reading a collection: every row once, few requests, and every sign that something is missing or moved is told.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { choosePartitions, type Page, type PageRequest, readCollection } from "../../../src/platform/http/pages.ts";

interface Call {
  readonly request: PageRequest;
  /** From 1. */
  readonly number: number;
}

/** A server of numbers, `rows` of them, that a test may bend. */
function source(
  rows: number,
  pageRows: number,
  connections: number,
  bend: (page: Page<number>, call: Call) => Page<number> = (page) => page,
) {
  let number = 0;
  const parts = new Map<string, number[]>();
  const partOf = (index: number, count: number) => {
    const known = parts.get(`${index}/${count}`);
    const part = known ?? Array.from({ length: rows }, (_, n) => n).filter((n) => n % count === index);
    parts.set(`${index}/${count}`, part);
    return part;
  };
  return {
    connections,
    requests: () => number,
    fetchPage: async (request: PageRequest): Promise<Page<number>> => {
      number += 1;
      const call = { request, number };
      const [index, count] = request.partition ?? [0, 1];
      const all = partOf(index, count);
      const start = Number(request.cursor ?? 0);
      const cursor = start + pageRows < all.length ? String(start + pageRows) : null;
      await new Promise((resolve) => setImmediate(resolve));
      return bend({ data: all.slice(start, start + pageRows), cursor, total: all.length, revision: "r1" }, call);
    },
    newSink: () => {
      const seen = new Set<number>();
      return {
        seen,
        add: (row: number) => {
          if (seen.has(row)) return false;
          seen.add(row);
          return true;
        },
      };
    },
  };
}

async function read(from: ReturnType<typeof source>) {
  const { sink, doubts } = await readCollection(from);
  return { rows: sink.seen.size, codes: doubts.map(({ code }) => code), abouts: doubts.map(({ about }) => about) };
}

describe("a sound read", () => {
  test("every row once, whatever the sizes, and few requests more than pages", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(700),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 8 }),
        async (rows, pageRows, connections) => {
          const from = source(rows, pageRows, connections);
          expect(await read(from)).toEqual({ rows, codes: [], abouts: [] });
          const pages = Math.max(1, Math.ceil(rows / pageRows));
          const parts = choosePartitions(rows, pageRows, connections);
          expect(from.requests()).toBeLessThanOrEqual(parts === 1 ? pages : pages + 1 + parts);
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each([
    [1_000, 1],
    [8_000, 1],
    [16_000, 2],
    [100_000, 8],
    [297_000, 8],
  ])("%i rows are read in %i parts", (rows, parts) => {
    expect(choosePartitions(rows, 1000, 8)).toBe(parts);
  });

  test("the big job keeps to 1.05 times rows by page", async () => {
    let requests = 0;
    for (const rows of [100_000, 297_000, 5_000, 300]) {
      const from = source(rows, 1000, 8);
      await read(from);
      requests += from.requests();
    }
    expect(requests).toBeLessThanOrEqual((100 + 297 + 5 + 1) * 1.05);
  });

  test("parts run side by side, never more than there are", async () => {
    const from = source(640, 2, 8);
    let [running, most] = [0, 0];
    const fetchPage = async (request: PageRequest) => {
      running += 1;
      most = Math.max(most, running);
      const page = await from.fetchPage(request);
      running -= 1;
      return page;
    };
    await readCollection({ ...from, fetchPage });
    expect(most).toBe(8);
  });

  test("a server that gives smaller pages than asked for is followed to the end", async () => {
    expect(await read(source(95, 7, 8))).toEqual({ rows: 95, codes: [], abouts: [] });
  });

  test("a few empty pages on the way are no end", async () => {
    const from = source(30, 10, 1, (page, { number }) => (number <= 3 ? { ...page, data: [], cursor: "0" } : page));
    expect((await read(from)).rows).toBe(30);
  });
});

describe("doubts", () => {
  test("a page that lost rows", async () => {
    const from = source(30, 10, 1, (page, { number }) =>
      number === 2 ? { ...page, data: page.data.slice(0, 4) } : page,
    );
    expect(await read(from)).toEqual({ rows: 24, codes: ["truncated-read"], abouts: ["gave 24 of 30 rows"] });
  });

  test("a listing that ends too early", async () => {
    const from = source(30, 10, 1, (page, { number }) => (number === 2 ? { ...page, cursor: null } : page));
    expect((await read(from)).codes).toEqual(["truncated-read"]);
  });

  test("one part that lost rows", async () => {
    const from = source(400, 5, 8, (page, { request }) =>
      request.partition?.[0] === 3 && request.cursor === undefined ? { ...page, cursor: null } : page,
    );
    expect((await read(from)).codes).toEqual(["truncated-read"]);
  });

  test("parts that are less than the whole", async () => {
    const from = source(400, 5, 8, (page, { request }) =>
      request.partition ? { ...page, data: page.data.filter((n) => n < 200), total: Math.min(page.total, 25) } : page,
    );
    expect((await read(from)).codes).toContain("inconsistent-read");
  });

  test("more rows than the total says, and totals that differ", async () => {
    const more = source(30, 10, 1, (page) => ({ ...page, total: 29 }));
    expect((await read(more)).codes).toEqual(["inconsistent-read"]);
    const differing = source(30, 10, 1, (page, { number }) => ({ ...page, total: number === 3 ? 31 : 30 }));
    expect((await read(differing)).abouts).toContain("told two totals, 30 and 31");
  });

  test("rows that come twice do not make up for rows that do not come", async () => {
    const from = source(30, 10, 1, (page, { number }) =>
      number === 2 ? { ...page, data: Array.from({ length: 10 }, (_, n) => n) } : page,
    );
    expect(await read(from)).toEqual({ rows: 20, codes: ["truncated-read"], abouts: ["gave 20 of 30 rows"] });
  });

  test("a listing without an end is left", async () => {
    const from = source(30, 10, 1, (page) => ({ ...page, cursor: "0" }));
    expect((await read(from)).codes).toContain("inconsistent-read");
    expect(from.requests()).toBeLessThan(20);
  });
});

describe("a collection that changes while it is read", () => {
  test("once: it is read again, and well", async () => {
    const from = source(30, 10, 1, (page, { number }) => ({ ...page, revision: number < 3 ? "r1" : "r2" }));
    expect(await read(from)).toEqual({ rows: 30, codes: [], abouts: [] });
    expect(from.requests()).toBe(6);
  });

  test("in parts too, without reading the first pass to its end", async () => {
    const from = source(640, 2, 8, (page, { number }) => ({ ...page, revision: number < 4 ? "r1" : "r2" }));
    expect((await read(from)).codes).toEqual([]);
    expect(from.requests()).toBeLessThan(329 + 20);
  });

  test("always: it is told, and what was read is kept", async () => {
    const from = source(30, 10, 1, (page, { number }) => ({ ...page, revision: `r${number}` }));
    expect(await read(from)).toEqual({
      rows: 30,
      codes: ["inconsistent-read"],
      abouts: ["changed while being read, twice"],
    });
  });
});
