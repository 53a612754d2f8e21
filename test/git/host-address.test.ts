// From the URL that Git talks by to the host's API, and back.
import { describe, expect, test } from "vitest";
import { parseRemoteUrl, serverOf } from "../../src/git/host-address.ts";

describe("a remote's URL", () => {
  const GITHUB = "https://api.github.com";
  test.each([
    ["https://github.com/acme/access.git", "acme/access", GITHUB],
    ["https://github.com/acme/access", "acme/access", GITHUB],
    ["https://github.com/acme/access/", "acme/access", GITHUB],
    ["https://x-access-token:ghs_secret@github.com/acme/access.git", "acme/access", GITHUB],
    ["https://GitHub.com/Acme/access.v2.git", "Acme/access.v2", GITHUB],
    ["git@github.com:acme/access.git", "acme/access", GITHUB],
    ["github.com:acme/access", "acme/access", GITHUB],
    ["org-1234@github.com:acme/access.git", "acme/access", GITHUB],
    ["ssh://git@github.com/acme/access.git", "acme/access", GITHUB],
    ["ssh://git@ssh.github.com:443/acme/access.git", "acme/access", GITHUB],
    ["git://github.com/acme/access.git", "acme/access", GITHUB],
    ["https://octo.ghe.com/acme/access.git", "acme/access", "https://api.octo.ghe.com"],
    ["git@github.acme.example:acme/access.git", "acme/access", "https://github.acme.example/api/v3"],
    ["ssh://git@github.acme.example:2222/acme/access.git", "acme/access", "https://github.acme.example/api/v3"],
    ["https://github.acme.example:8443/acme/access.git", "acme/access", "https://github.acme.example:8443/api/v3"],
    ["http://127.0.0.1:4020/acme/access.git", "acme/access", "http://127.0.0.1:4020/api/v3"],
  ])("%s", (url, repository, apiUrl) => {
    expect(parseRemoteUrl(url)).toEqual({ repository, apiUrl });
  });

  test.each([
    "",
    "/srv/git/access.git",
    "../access.git",
    "file:///srv/git/access.git",
    "C:/git/access.git",
    "https://github.com/access.git",
    "https://github.com/acme/access/extra",
    "git@github.com:access.git",
    "https://github.com/acme/acc ess",
  ])("is none of a host: %s", (url) => {
    expect(parseRemoteUrl(url)).toBeUndefined();
  });
});

test.each([
  ["https://api.github.com", "https://github.com"],
  ["https://api.github.com/", "https://github.com"],
  ["https://api.octo.ghe.com", "https://octo.ghe.com"],
  ["https://github.acme.example/api/v3", "https://github.acme.example"],
  ["https://github.acme.example:8443/api/v3/", "https://github.acme.example:8443"],
  ["http://127.0.0.1:4020", "http://127.0.0.1:4020"],
])("Git's server of %s is %s", (apiUrl, server) => {
  expect(serverOf(apiUrl)).toBe(server);
});
