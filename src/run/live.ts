// One look at a platform, with a Reader that is closed whatever happens.
import type { Activity, LiveRead, Progress } from "../model/driver.ts";
import type { State } from "../model/entity.ts";
import type { Target } from "../model/settings.ts";
import { withoutSecrets } from "../plan/secrets.ts";
import { type ConnectionOptions, connectionOf } from "./connect.ts";
import type { Context } from "./context.ts";
import { driverOf, secretShapes } from "./workspace.ts";

export interface ReadOptions extends ConnectionOptions {
  readonly progress?: Progress;
}

/** Starts reading the platform. The result may be awaited much later: until then a failure does not count as unhandled. */
export function readLive(context: Context, target: Target, options: ReadOptions): Promise<LiveRead> {
  const reading = readOnce(context, target, options);
  reading.catch(() => {});
  return reading;
}

async function readOnce(context: Context, target: Target, options: ReadOptions): Promise<LiveRead> {
  const connection = connectionOf(context, target, options);
  const { openReader } = await driverOf(target).load();
  const reader = openReader(connection);
  try {
    const read = { ...(await reader.read(options.progress)), at: context.now().toISOString() };
    const { state, findings } = withoutSecrets(read.state, secretShapes());
    return findings.length === 0 ? read : { ...read, state, findings: [...read.findings, ...findings] };
  } finally {
    await reader.close();
  }
}

/**
 * What was done lately on the platform by others than Rolebook's credential, newest first. Undefined where there is no log; when
 * it cannot be read now, that is said, and nothing else fails for it.
 */
export async function readActivity(
  context: Context,
  target: Target,
  live: State,
  options: ConnectionOptions,
): Promise<readonly Activity[] | undefined> {
  const { openReader } = await driverOf(target).load();
  const reader = openReader(connectionOf(context, target, options));
  try {
    return await reader.activity?.(live);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.err(`Warning: who changed what cannot be told: the log of ${target.name} could not be read: ${why}\n`);
    return undefined;
  } finally {
    await reader.close();
  }
}
