// The log: every line is JSON that means what was said, says no secret, and holds nothing that a terminal or an eye would act upon.
import { describe, expect, it } from "vitest";
import { openLog } from "../../src/controller/log.ts";
import { secretsOf } from "../../src/controller/secrets.ts";
import { GitError } from "../../src/git/error.ts";
import type { Context } from "../../src/run/context.ts";
import { HOSTILE_NAMES, terminalDangers } from "../report/hostile.ts";

function logTo(secrets: readonly string[] = []) {
  const lines: string[] = [];
  const now = () => new Date("2027-01-31T12:00:00Z");
  const log = openLog({ write: (line) => lines.push(line), now, secrets: () => secrets });
  return { log, lines };
}

describe("the log", () => {
  it("is one object a line, with the time, the level, the run and the words", () => {
    const { log, lines } = logTo();
    log.child({ run: "r1", target: "acme" }).info("begins");
    log.error({ err: new GitError("the remote is away", { hint: "Wait." }) }, "failed");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: "info", time: "2027-01-31T12:00:00.000Z", run: "r1", target: "acme", msg: "begins" },
      {
        level: "error",
        time: "2027-01-31T12:00:00.000Z",
        err: { name: "GitError", message: "the remote is away", hint: "Wait." },
        msg: "failed",
      },
    ]);
    expect(lines.every((line) => line.endsWith("\n") && line.indexOf("\n") === line.length - 1)).toBe(true);
  });

  it("means what was said, whatever it was, in characters that can be seen", () => {
    for (const name of HOSTILE_NAMES) {
      const { log, lines } = logTo();
      log.info({ name, [name]: 1 }, name);
      expect(lines.length).toBe(1);
      const [line = ""] = lines;
      expect(JSON.parse(line)).toMatchObject({ name, msg: name });
      expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}]/u);
      expect(
        terminalDangers(line).filter((danger) => danger.startsWith("U+") && !/U\+(a0|3000) /.test(danger)),
      ).toEqual([]);
    }
  });

  it("says no secret: not alone, not in an address, not inside of another text, not escaped, not in an error's cause", () => {
    const key = 'line one\nline "two"';
    const { log, lines } = logTo(["s3cret-token", key, "abc"]);
    log.info({ url: "https://user:pass@git.example/x", header: "Bearer s3cret-token" }, "as s3cret-token said");
    log.error({ err: new Error(`what ${key} said`) }, "failed");
    log.warn({ deep: { list: [key] }, "s3cret-token": 1 }, "abc is too short to be one");
    const all = lines.join("");
    for (const secret of ["s3cret-token", "line one", "pass"]) expect(all).not.toContain(secret);
    expect(all).toContain("abc is too short");
    for (const line of lines) expect(JSON.parse(line)).toBeTypeOf("object");
  });

  it("knows the secrets of the environment by the names that the settings give, the longer before what they hold", () => {
    const environment = {
      GITHUB_TOKEN: "token-of-the-host",
      ROLEBOOK_WEBHOOK_SECRET: "webhooks",
      ACME_SECRET: "token-of-the-host-and-more",
      HOOK: "https://hooks.example/xyz",
      OTHER: "not a secret",
    };
    const settings = {
      targets: [{ credentials: { clientSecret: "ACME_SECRET", clientId: "MISSING" } }],
      notify: [{ type: "slack", url: "HOOK" }],
    } as unknown as Parameters<typeof secretsOf>[1];
    expect(secretsOf({ environment } as unknown as Context, settings)).toEqual([
      "token-of-the-host-and-more",
      "https://hooks.example/xyz",
      "token-of-the-host",
      "webhooks",
    ]);
    expect(secretsOf({ environment } as unknown as Context, undefined)).toEqual(["token-of-the-host", "webhooks"]);
  });
});
