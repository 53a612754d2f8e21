// A connection has what the settings' variables hold, and shows it to nobody who looks at the connection as a whole.
import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { Target } from "../../src/model/settings.ts";
import { parseFile } from "../../src/policy/parse.ts";
import { readSettings } from "../../src/policy/settings.ts";
import { connectionOf } from "../../src/run/connect.ts";
import { type Context, OperatorError } from "../../src/run/context.ts";
import { keepSecrets } from "../../src/run/kept.ts";
import { characters } from "../support/secrets.ts";
import { settingsFor } from "../support/world.ts";

const SECRET = characters(8)(32);
const environment = { ACME_CLIENT_ID: "rolebook-writer", ACME_CLIENT_SECRET: SECRET };

function targetOf(settings: string): Target {
  const parsed = parseFile("rolebook.yaml", new TextEncoder().encode(settings), undefined);
  const [target] = readSettings(parsed, ["atomic"]).settings?.targets ?? [];
  if (!target) throw new Error("no target");
  return target;
}

const connect = (settings = settingsFor("https://acme.example")) => {
  const secrets = keepSecrets(environment);
  // What else a context has is not looked at.
  const context = { environment, version: "0.0.0", secrets } as unknown as Context;
  return { secrets, connection: () => connectionOf(context, targetOf(settings)) };
};

test("the secret is there for who asks for it by name, and nowhere to be seen", () => {
  const { connection, secrets } = connect();
  const made = connection();
  expect([made.credentials.clientId, made.credentials.clientSecret]).toEqual(["rolebook-writer", SECRET]);
  const wrapped = new Error("a bug", { cause: { connection: made, copy: { ...made } } });
  for (const shown of [
    inspect(wrapped, { depth: 10 }),
    JSON.stringify(made),
    String(made),
    inspect({ ...made.credentials }),
  ])
    expect(shown).not.toContain(SECRET);
  expect(secrets.strike(`rolebook-writer says ${SECRET} and ${Buffer.from(`a:${SECRET}`).toString("hex")}`)).toMatch(
    /^rolebook-writer says \[redacted\] and 613a\[redacted\]$/,
  );
});

test("a bug may show what nobody has read: it is struck out by the names of variables", () => {
  const secrets = keepSecrets({ ...environment, GITHUB_TOKEN: "ghs-and-so-on", HOME: "/home/ana" });
  expect(secrets.strike(SECRET)).toBe(SECRET);
  expect(secrets.strikeBug(`${SECRET} ghs-and-so-on /home/ana rolebook-writer`)).toBe(
    "[redacted] [redacted] /home/ana rolebook-writer",
  );
});

test("what stands where a variable's name belongs is not repeated", () => {
  const { connection } = connect(settingsFor("https://acme.example").replace("ACME_CLIENT_SECRET", "hunter2-of-acme"));
  try {
    connection();
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorError);
    expect(inspect(error)).not.toContain("hunter2");
    expect(inspect(error)).toContain('"clientSecret"');
  }
});
