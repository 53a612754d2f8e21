// Gives Git the host's token for one repository, in the environment of its process alone: never on disk, never in its arguments,
// and to no other server. A clone without credentials of its own (`persist-credentials: false`) can fetch and push by it.
import type { HostOptions } from "./host.ts";
import { serverOf } from "./host-address.ts";
import { hostToken } from "./host-connection.ts";

/** Variables for a Git process that talks to the remote; asked for anew each time, since an app's token lasts an hour. */
export type GitCredentials = () => Promise<Readonly<Record<string, string>>>;

export function gitCredentials(options: HostOptions): GitCredentials {
  const token = hostToken(options);
  const place = `${serverOf(options.apiUrl)}/${options.repository}`;
  return async () => {
    const basic = Buffer.from(`x-access-token:${await token()}`).toString("base64");
    // With and without `.git`: Git compares paths by whole segments. The empty value takes away what was set for more than this
    // repository, such as the header that actions/checkout leaves behind: two of them are refused.
    const settings = [place, `${place}.git`].flatMap((url): [string, string][] => [
      [`http.${url}.extraHeader`, ""],
      [`http.${url}.extraHeader`, `Authorization: Basic ${basic}`],
    ]);
    return configurationVariables(settings);
  };
}

/** Settings as Git takes them from its environment. */
function configurationVariables(settings: readonly (readonly [string, string])[]): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  settings.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return variables;
}
