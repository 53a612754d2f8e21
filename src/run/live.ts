// One look at a platform, with a Reader that is closed whatever happens.
import type { LiveRead, Progress } from "../model/driver.ts";
import type { Target } from "../model/settings.ts";
import { type ConnectionOptions, connectionOf } from "./connect.ts";
import type { Context } from "./context.ts";
import { driverOf } from "./workspace.ts";

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
    return await reader.read(options.progress);
  } finally {
    await reader.close();
  }
}
