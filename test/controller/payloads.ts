// The host's own example payloads, one of each kind of event and action it has.
import { createRequire } from "node:module";

export interface Example {
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

interface Group {
  readonly name: string;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

const groups: readonly Group[] = createRequire(import.meta.url)("@octokit/webhooks-examples");

export const EXAMPLES: readonly Example[] = groups.flatMap(({ name, examples }) =>
  examples.map((payload) => ({ event: name, payload })),
);
