// Every platform Rolebook knows. Adding one is a folder and a line here. The pure half is always at hand; the driver,
// which brings the HTTP client, is loaded only when a command needs the network.
import type { Driver } from "../model/driver.ts";
import type { Platform } from "../model/platform.ts";
import { examples as atomicExamples } from "./atomic/examples.ts";
import { atomic } from "./atomic/platform.ts";
import { exampleGuardrails } from "./atomyx/example-guardrails.ts";
import { examples as atomyxExamples } from "./atomyx/examples.ts";
import { atomyx } from "./atomyx/platform.ts";
import { examples as keystoneExamples } from "./keystone/examples.ts";
import { keystone } from "./keystone/platform.ts";

export interface PlatformEntry {
  /** As the settings name it. */
  readonly name: string;
  readonly platform: Platform;
  readonly load: () => Promise<Driver>;
  /** Commented example files for a new policy repository: path below the policy folder -> text. */
  readonly examples: (target: string) => Readonly<Record<string, string>>;
  /** Commented guardrails that go with the platform, in the same form. */
  readonly guardrails?: (target: string) => Readonly<Record<string, string>>;
}

export const drivers: readonly PlatformEntry[] = [
  {
    name: atomic.name,
    platform: atomic,
    load: async () => (await import("./atomic/driver.ts")).driver,
    examples: atomicExamples,
  },
  {
    name: atomyx.name,
    platform: atomyx,
    load: async () => (await import("./atomyx/driver.ts")).driver,
    examples: atomyxExamples,
    guardrails: exampleGuardrails,
  },
  {
    name: keystone.name,
    platform: keystone,
    load: async () => (await import("./keystone/driver.ts")).driver,
    examples: keystoneExamples,
  },
];
