// Secrets of Actions over the fake GitHub: sealed on the way, replaced when they are there, refused without a trace of what they hold.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HostOptions } from "../../src/git/host.ts";
import { openHostSecrets } from "../../src/git/host-secrets.ts";
import { HostError } from "../../src/model/host.ts";
import { Secret } from "../../src/model/keys.ts";
import { type GitHub, type GitHubRepository, startGitHub } from "../support/github/github.ts";

let github: GitHub;
let shop: GitHubRepository;

beforeAll(async () => {
  github = await startGitHub();
  shop = github.createRepository("acme/shop");
  shop.settings.environments.push({ id: 1, node_id: "E", name: "eu/live" });
});

afterAll(() => github.close());

const secrets = (token = shop.tokens.person) => {
  const authentication = { kind: "token", token } as const;
  const options: HostOptions = {
    apiUrl: github.url,
    repository: "acme/shop",
    authentication,
    userAgent: "rolebook/test",
  };
  return openHostSecrets(options);
};

test("arrive as they were sent, and nobody on the way reads them", async () => {
  const text = "avk_p_0123456789ünd";
  await secrets().check({ name: "SHOP_KEY" });
  await secrets().put({ name: "SHOP_KEY" }, new Secret("the first"));
  await secrets().put({ name: "SHOP_KEY" }, new Secret(text));
  await secrets().put({ name: "SHOP_KEY", environment: "eu/live" }, new Secret("of the environment"));
  expect(await shop.secret("SHOP_KEY")).toBe(text);
  expect(await shop.secret("SHOP_KEY", "eu/live")).toBe("of the environment");
  expect(JSON.stringify(github.requests())).not.toContain(text);
});

test("are refused in words, without what they hold", async () => {
  const put = (token: string, environment?: string) =>
    secrets(token)
      .put({ name: "SHOP_KEY", ...(environment === undefined ? {} : { environment }) }, new Secret("hidden"))
      .then(
        () => new Error("it was taken"),
        (error: unknown) => error,
      );
  for (const [token, environment, status] of [
    [shop.tokens.read, undefined, 403],
    [shop.tokens.person, "nowhere", 404],
  ] as const) {
    const error = await put(token, environment);
    expect(error).toBeInstanceOf(HostError);
    expect(error).toMatchObject({ status });
    expect(JSON.stringify(error) + String(error)).not.toContain("hidden");
  }
});
