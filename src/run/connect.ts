// From a target's settings to a connection: which environment variables must be there, and a clear
// message when they are not. Never prints or stores their values.
import type { Connection } from "../model/driver.ts";
import type { Target } from "../model/settings.ts";
import { NO_VARIABLE } from "../policy/variables.ts";
import { type Context, OperatorError } from "./context.ts";

export interface ConnectionOptions {
  /** Connections in parallel. */
  readonly connections?: number;
  /** Give up on one request after this long. */
  readonly timeoutMs?: number;
}

/** Parts of credentials that say who it is, and are in logs and audit trails everywhere. */
const NO_SECRET = /(?:id|name)$/i;

/** The connection of a target. Throws `OperatorError` naming every variable that is missing. */
export function connectionOf(context: Context, target: Target, options: ConnectionOptions = {}): Connection {
  const missing: string[] = [];
  const credentials: Record<string, string> = {};
  for (const [part, variable] of Object.entries(target.credentials)) {
    if (variable === NO_VARIABLE)
      throw new OperatorError(
        `Credential "${part}" of ${target.name} is not the name of an environment variable`,
        "`rolebook validate` says where. If a secret stood there, revoke it.",
      );
    const value = context.environment[variable];
    if (value === undefined || value === "") {
      missing.push(variable);
      continue;
    }
    if (!NO_SECRET.test(part)) context.secrets?.keep(value);
    // Nothing that shows, logs or serializes a connection as a whole comes upon its secrets.
    Object.defineProperty(credentials, part, { value, enumerable: false });
  }
  if (missing.length > 0)
    throw new OperatorError(
      `Environment ${missing.length === 1 ? "variable" : "variables"} ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set`,
      `Target ${target.name} reads its credential from there (credentials in the settings).`,
    );
  const { connections, timeoutMs } = options;
  return {
    target,
    credentials,
    userAgent: `rolebook/${context.version}`,
    ...(context.secrets ? { keep: context.secrets.keep } : {}),
    ...(connections === undefined ? {} : { connections }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}
