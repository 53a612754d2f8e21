// What has been asked of the server, by operation; with the store's record of writes it is what tests count by.
import type { WriteLog, WriteRecord } from "./ledger.ts";

export interface CountersView {
  /** All requests but those under /_simulator/. */
  readonly total: number;
  /** `GET /v1/roles/{id}` -> how many; every operation is there, and `other` for what is none. */
  readonly requests: { readonly [operation: string]: number };
  /** Requests under way at once, at most. */
  readonly concurrent: number;
  /** Effective writes, in order: what changed something, not what was asked. At most the latest 100,000. */
  readonly writes: readonly WriteRecord[];
}

export interface Counters {
  /** Counts a request; call the result when it is answered. */
  readonly begin: (operation: string) => () => void;
  readonly view: () => CountersView;
  /** Forgets requests and writes. Write hooks count from 1 again. */
  readonly reset: () => void;
}

export function createCounters(operations: readonly string[], log: WriteLog): Counters {
  const requests = new Map([...operations, "other"].map((operation) => [operation, 0]));
  let open = 0;
  let concurrent = 0;
  return {
    begin: (operation) => {
      requests.set(operation, (requests.get(operation) ?? 0) + 1);
      open++;
      concurrent = Math.max(concurrent, open);
      return () => {
        open--;
      };
    },
    view: () => ({
      total: [...requests.values()].reduce((sum, count) => sum + count, 0),
      requests: Object.fromEntries(requests),
      concurrent,
      writes: [...log.writes],
    }),
    reset: () => {
      for (const operation of requests.keys()) requests.set(operation, 0);
      concurrent = open;
      log.writes = [];
      log.count = 0;
    },
  };
}
