// A known secret is taken out of a text in whatever form it stands there, and what is around it stays.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formsOf, strikeOut } from "../../src/model/strike.ts";
import { characters } from "../support/secrets.ts";

const SECRET = `${characters(11)(30)}/+ "&\\`;
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a secret", () => {
  test.each([
    ["as it is", SECRET],
    ["in JSON", JSON.stringify({ detail: `no ${SECRET}` })],
    ["in an address", `https://host/?q=${encodeURIComponent(SECRET)}&x`],
    ["in a form", new URLSearchParams({ secret: SECRET }).toString()],
    ["in hexadecimal digits", Buffer.from(SECRET).toString("hex")],
    ["in base64", base64(SECRET)],
    ["in base64, behind a name", base64(`rolebook:${SECRET}`)],
    ["in base64, behind a longer name", base64(`rolebook-1:${SECRET}`)],
    ["in base64, before something", base64(`x${SECRET}, and more`)],
    ["in base64 of addresses", Buffer.from(`y:${SECRET}`).toString("base64url")],
  ])("is gone: %s", (_, text) => {
    const clean = strikeOut(`before ${text} after`, [SECRET]);
    expect(clean).toMatch(/^before .*\[redacted\].* after$/s);
    for (const form of formsOf(SECRET)) expect(clean).not.toContain(form);
  });

  test("of several lines is gone line by line as well", () => {
    const lines = [characters(1)(64), characters(2)(64), "short"];
    const key = lines.join("\n");
    expect(strikeOut(`x ${JSON.stringify(key)} ${lines[1]} short`, [key])).toBe('x "[redacted]" [redacted] short');
  });

  test("that is a part of another leaves nothing of either", () => {
    expect(strikeOut("a secret-of-two b", ["secret", "secret-of-two"])).toBe("a [redacted] b");
  });

  test("that is too short to be one is left, like everything that is none", () => {
    expect(strikeOut("no to a and view", ["a", "view", ""])).toBe("no to a and view");
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        fc.pre(!text.includes(SECRET.slice(0, 4)));
        expect(strikeOut(text, [SECRET])).toBe(text);
      }),
    );
  });
});
