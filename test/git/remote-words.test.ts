// A server may send back what it was sent, and Git tells what servers say: no error of Git's has the token in it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openRemotes } from "../../src/git/remote.ts";
import { watchSecrets } from "../support/canaries.ts";
import { type Mirror, startMirror } from "../support/mirror.ts";
import { characters } from "../support/secrets.ts";
import { createFolder, type Folder } from "../support/world.ts";

const TOKEN = `ghs${"_"}${characters(12)(36)}`;

let echo: Mirror;
let folder: Folder;
beforeAll(async () => {
  echo = await startMirror();
  echo.be({ status: 403, as: "text" });
  folder = createFolder();
  folder.write("a", "a");
  folder.commit("a");
  folder.git("remote", "add", "origin", `${echo.url}/acme/access.git`);
});
afterAll(async () => {
  folder.remove();
  await echo.close();
});

test("what the server says of a fetch and of a push is told without the token", async () => {
  const basic = Buffer.from(`x-access-token:${TOKEN}`).toString("base64");
  const remotes = openRemotes(folder.dir, async () => ({
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${echo.url}/acme/access.git.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  }));
  const head = folder.git("rev-parse", "HEAD").trim();
  const watch = watchSecrets();
  watch.secret("the token", TOKEN);
  watch.secret("the header", basic);
  for (const doing of [
    () => remotes.lookRemote("origin", ["refs/heads/*"]),
    () => remotes.pushRefs("origin", [{ ref: "refs/heads/b", to: head }]),
  ]) {
    const error: unknown = await doing().then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toMatchObject({ name: "GitError", message: expect.stringContaining("You sent") });
    watch.text("an error", `${error instanceof Error ? error.stack : error}`);
  }
  expect(echo.credentials()).toContain(TOKEN);
  expect(watch.leaks()).toEqual([]);
});
