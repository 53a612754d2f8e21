// Where a repository lives on its Git host, from the URL that Git talks to it by; and back: the address Git uses, from the API's.

export interface RemoteAddress {
  /** `owner/name`. */
  readonly repository: string;
  /** Base URL of the host's REST API. */
  readonly apiUrl: string;
}

const NAME = String.raw`([\w.-]+)/([\w.-]+?)(?:\.git)?/?`;
const URLS = new RegExp(`^(https?|ssh|git)://(?:[^@/]*@)?([^/:@]+)(:\\d+)?/${NAME}$`, "i");
/** As ssh writes it: `git@github.com:acme/access.git`. */
const SCP = new RegExp(`^(?:[^@/:]*@)?([^/:@]+):/?${NAME}$`);

/** Understands HTTPS, SSH and Git URLs of GitHub.com, its data-residency hosts and Enterprise servers; undefined for anything else. */
export function parseRemoteUrl(url: string): RemoteAddress | undefined {
  const [, scheme, host, port = "", owner, name] = URLS.exec(url.trim()) ?? [];
  if (scheme !== undefined && host !== undefined && owner !== undefined && name !== undefined) {
    const isWeb = /^https?$/i.test(scheme);
    return { repository: `${owner}/${name}`, apiUrl: apiOf(host + (isWeb ? port : ""), isWeb ? scheme : "https") };
  }
  const [, near, theirs, project] = SCP.exec(url.trim()) ?? [];
  if (near === undefined || theirs === undefined || project === undefined) return undefined;
  // One letter before the colon is a drive.
  return near.length > 1 ? { repository: `${theirs}/${project}`, apiUrl: apiOf(near, "https") } : undefined;
}

function apiOf(host: string, scheme: string): string {
  const folded = host.toLowerCase();
  if (/^(?:www\.|ssh\.)?github\.com$/.test(folded)) return "https://api.github.com";
  if (folded.endsWith(".ghe.com")) return `https://api.${folded}`;
  return `${scheme.toLowerCase()}://${folded}/api/v3`;
}

/** The server that Git fetches from and pushes to, of an API's base URL; without a slash at the end. */
export function serverOf(apiUrl: string): string {
  const url = new URL(apiUrl);
  if (/^api\.(?:github\.com$|.+\.ghe\.com$)/.test(url.hostname))
    return `${url.protocol}//${url.host.replace(/^api\./, "")}`;
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/(?:api\/v3\/?)?$/, "")}`;
}
