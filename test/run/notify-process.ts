// A process of its own that tells one fact, for the tests of two runners at once: bundled and started by `notify.test.ts`.
import { openRepository } from "../../src/git/repository.ts";
import type { Settings } from "../../src/model/settings.ts";
import { type Fact, notify } from "../../src/run/notify.ts";

const { folder, settings, facts } = JSON.parse(process.argv[2] ?? "{}") as {
  readonly folder: string;
  readonly settings: Settings;
  readonly facts: readonly Fact[];
};
const repository = await openRepository(folder);
if (!repository) throw new Error(`no repository at ${folder}`);
const context = {
  cwd: folder,
  environment: process.env,
  now: () => new Date("2026-11-22T12:00:00Z"),
  out: () => {},
  err: (text: string) => process.stderr.write(text),
  terminal: { stdin: false, stdout: false, stderr: false, color: false, width: 80 },
  ask: async () => false,
  onStop: () => () => {},
  version: "0.0.0",
  build: undefined,
};
await notify(context, repository, settings, facts);
