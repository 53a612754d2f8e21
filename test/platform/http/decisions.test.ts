// The small decisions of the HTTP parts: what may be tried again and when, what of a refusal may be quoted,
// and how a token is kept.
import { describe, expect, test } from "vitest";
import { codeOf, describeProblem, problemOf, redact, unreachable } from "../../../src/platform/http/failure.ts";
import { mayRetryCode, mayRetryStatus, retryAfterMs } from "../../../src/platform/http/retry.ts";
import { keepToken } from "../../../src/platform/http/token.ts";

describe("another try", () => {
  test.each([429, 500, 502, 503, 504, 408])("status %i may pass", (status) => {
    expect(mayRetryStatus(status, true)).toBe(true);
  });

  test.each([200, 201, 204, 400, 401, 403, 404, 409, 412, 422, 428, 501])("status %i is an answer", (status) => {
    expect(mayRetryStatus(status, true)).toBe(false);
  });

  test("what must not be repeated is repeated only when nothing can have been done", () => {
    expect(mayRetryStatus(429, false)).toBe(true);
    expect(mayRetryStatus(503, false)).toBe(false);
    expect(mayRetryCode("ECONNREFUSED", false)).toBe(true);
    expect(mayRetryCode("ECONNRESET", false)).toBe(false);
    expect(mayRetryCode("ECONNRESET", true)).toBe(true);
    expect(mayRetryCode("UND_ERR_DESTROYED", true)).toBe(false);
    expect(mayRetryCode("CERT_HAS_EXPIRED", true)).toBe(false);
  });

  test("Retry-After in seconds and as a date", () => {
    const now = Date.parse("2030-01-01T00:00:00Z");
    expect(retryAfterMs("3", now)).toBe(3000);
    expect(retryAfterMs(" 0 ", now)).toBe(0);
    expect(retryAfterMs("Tue, 01 Jan 2030 00:00:07 GMT", now)).toBe(7000);
    expect(retryAfterMs("Tue, 01 Jan 2019 00:00:07 GMT", now)).toBe(0);
    for (const odd of [undefined, "", "-1", "1.5", "soon", "99999999999"])
      expect(retryAfterMs(odd, now)).toBeUndefined();
  });
});

describe("refusals", () => {
  const secrets = ["s3cr3t-value", "abc"];

  test("only named fields are read, and secrets are struck out of them", () => {
    const body = {
      type: "/problems/x",
      title: "No",
      detail: "client s3cr3t-value sent Bearer abcdef.ghi and abc",
      existingId: "r1",
      access_token: "s3cr3t-value",
      other: { deep: "s3cr3t-value" },
    };
    const problem = problemOf(JSON.stringify(body), secrets);
    expect(problem).toEqual({
      type: "/problems/x",
      title: "No",
      detail: "client [redacted] sent Bearer [redacted] and abc",
      existingId: "r1",
    });
    expect(describeProblem("GET /v1/roles", 403, problem)).toBe(
      "GET /v1/roles: 403 No: client [redacted] sent Bearer [redacted] and abc",
    );
  });

  test("OAuth's errors are understood, long ones cut, and what is no problem says nothing", () => {
    expect(problemOf('{"error":"invalid_client","error_description":"unknown"}', [])).toEqual({
      title: "invalid_client",
      detail: "unknown",
    });
    expect(problemOf(JSON.stringify({ title: "x".repeat(5000) }), []).title).toHaveLength(300);
    // Struck out before it is cut short: half a secret is too much.
    const cut = problemOf(JSON.stringify({ title: `${"x".repeat(290)}a-long-secret` }), ["a-long-secret"]).title;
    expect(cut).toBe(`${"x".repeat(290)}[redacted]`.slice(0, 300));
    for (const body of ["", "<html>", "null", "[]", '"text"', '{"title":7}']) expect(problemOf(body, [])).toEqual({});
  });

  test("authorization values are struck out wherever they are", () => {
    expect(redact("Basic cm9sZWJvb2s6c2VjcmV0 and bearer eyJhbGciOi.J9-_x", [])).toBe(
      "Basic [redacted] and bearer [redacted]",
    );
  });

  test("codes are found in causes and aggregates", () => {
    const inner = Object.assign(new Error("x"), { code: "ECONNREFUSED" });
    expect(codeOf(new TypeError("failed", { cause: inner }))).toBe("ECONNREFUSED");
    expect(codeOf(new AggregateError([inner]))).toBe("ECONNREFUSED");
    expect(codeOf("text")).toBe("UNKNOWN");
    const loop = new Error("loop");
    loop.cause = loop;
    expect(codeOf(loop)).toBe("UNKNOWN");
  });

  test.each(["ECONNREFUSED", "ENOTFOUND", "UND_ERR_HEADERS_TIMEOUT", "CERT_HAS_EXPIRED", "ECONNRESET"])(
    "%s comes with a hint",
    (code) => {
      expect(unreachable(code, "http://127.0.0.1:1", true).hint).toBeTruthy();
    },
  );
});

describe("a kept token", () => {
  const counting = (lifeMs: number) => {
    let fetched = 0;
    let now = 0;
    const source = keepToken(
      async () => {
        fetched += 1;
        return { value: `token-${fetched}`, lifeMs };
      },
      () => now,
    );
    return { source, fetched: () => fetched, wait: (ms: number) => (now += ms) };
  };

  test("is fetched once for everybody, and again shortly before it ends", async () => {
    const { source, fetched, wait } = counting(3_600_000);
    expect(await Promise.all([source.current(), source.current(), source.current()])).toEqual(Array(3).fill("token-1"));
    wait(3_539_000);
    expect(await source.current()).toBe("token-1");
    wait(2_000);
    expect(await Promise.all([source.current(), source.current()])).toEqual(["token-2", "token-2"]);
    expect(fetched()).toBe(2);
  });

  test("that was refused is renewed, but a newer one is not thrown away for it", async () => {
    const { source, fetched } = counting(3_600_000);
    const first = await source.current();
    source.refuse(first);
    const second = await source.current();
    source.refuse(first);
    expect(await source.current()).toBe(second);
    expect(fetched()).toBe(2);
  });

  test("that could not be fetched is asked for again next time", async () => {
    let calls = 0;
    const source = keepToken(
      async () => {
        calls += 1;
        if (calls === 1) throw new Error("no");
        return { value: "token", lifeMs: 1000 };
      },
      () => 0,
    );
    await expect(source.current()).rejects.toThrow("no");
    expect(await source.current()).toBe("token");
  });
});
