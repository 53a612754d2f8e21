// What looks like a secret in a text, and what does not although it is long. Vendors' prefixes are judged in test/run/secrets.test.ts.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crossOut, findSecrets, isRandom, joinSpans } from "../../src/model/secret.ts";
import { drivers } from "../../src/platform/index.ts";
import { parseFile } from "../../src/policy/parse.ts";
import { cleanText } from "../../src/policy/secrets.ts";
import { BASE62, characters, otherSamples, vendorSamples } from "../support/secrets.ts";

const SHAPES = drivers.flatMap(({ platform }) => platform.secrets ?? []);
const found = (text: string) => findSecrets(text, SHAPES).map(({ start, end }) => text.slice(start, end));

describe("a secret", () => {
  const samples = Object.entries({ ...otherSamples(1), "a private key": vendorSamples(1).privatekey?.[0] ?? "" });
  test.each(samples)("is found where it stands: %s", (_, secret) => {
    const flat = secret.replaceAll("\n", "\n  ");
    for (const text of [secret, `description: ${secret}\n`, `name: x # once ${secret}\n`, `a: |\n  ${flat}\nb: c\n`])
      expect(found(text).join("\n")).toContain(secret.slice(4, 16));
  });

  test("of 40 random characters is found, nearly whatever they are", () => {
    const some = characters(7);
    const alphabets = [BASE62, `${BASE62}-_`, `${BASE62}+/`, BASE62.slice(0, 36)];
    const missed = Array.from({ length: 4000 }, (_, index) => some(40, alphabets[index % 4])).filter(
      (token) => !isRandom(token),
    );
    expect(missed.length).toBeLessThan(80);
  });

  test("is one, however many rules know it", () => {
    const spans = [
      { start: 4, end: 9, what: "b" },
      { start: 2, end: 6, what: "a" },
      { start: 9, end: 12, what: "c" },
    ];
    expect(joinSpans(spans)).toEqual([
      { start: 2, end: 9, what: "a" },
      { start: 9, end: 12, what: "c" },
    ]);
  });
});

describe("what is no secret", () => {
  const hex = characters(3)(40, "0123456789abcdef");
  const base64 = characters(4)(43, `${BASE62}+/`);
  test.each([
    ["a commit's id", hex],
    ["a plan's digest", characters(5)(64, "0123456789abcdef")],
    ["a UUID", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"],
    ["a UUID with something before it", "member-3f2504e0-4f89-41d3-9a0c-0305e82c3301"],
    ["a fingerprint that says so", `SHA256:${base64}`],
    ["a digest that says so", `sha256-${base64}=`],
    ["an SSH key that is public", `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${base64}`],
    ["an id that a platform gave", `kind: Identity\nid: ${characters(6)(36)}\n`],
    ["a short id", "01JB3M5Q7Y8ZK2X4V6W8Y0Z2A4"],
    ["a long name", "Customer-Support-Team-Level-2-Escalations-And-Complaints-EMEA-3"],
    ["a long name in one word", "Donaudampfschifffahrtsgesellschaftskapitaensanwaerter2"],
    ["a name of a program", "readWriteAllUsersOfTheWholeTenantIfAllowedByPolicyV2"],
    ["a variable", "ACME_PRODUCTION_EU_WEST_1_CLIENT_SECRET_2_OF_3"],
    ["an address", "https://access.acme.example/v1/organizations/acme-prod-eu/groups/g12AbC34dE/members/batch"],
    ["a template", `https://${"user"}:\${PASSWORD}@host/`],
    ["a row of the same", "xX0xX0xX0xX0xX0xX0xX0xX0xX0xX0xX0xX0xX0"],
    ["a certificate", `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----`],
    ["a list of addresses", "members: [a1b2.c3d4.e5f6@acme.example, team42.lead@acme.example]"],
  ])("%s", (_, text) => expect(found(text)).toEqual([]));
});

describe("a text without its secrets", () => {
  const words = fc.string({ unit: fc.constantFrom(..." \nabc#:-'\"{}[],é\u{1f511}"), maxLength: 40 });
  const seed = fc.integer({ min: 0, max: 10_000 });

  test("has all else where it was", () => {
    fc.assert(
      fc.property(words, words, seed, (before, after, at) => {
        const secret = characters(at)(44);
        // A few of a thousand look like no secret.
        fc.pre(isRandom(secret));
        const text = `${before} ${secret} ${after}`;
        const clean = crossOut(text, findSecrets(text));
        expect(clean.length).toBe(text.length);
        expect(clean).not.toContain(secret.slice(4, 20));
        expect(clean.startsWith(`${before} `) && clean.endsWith(` ${after}`)).toBe(true);
      }),
    );
  });

  test("is what its documents are made of; the finding tells four characters of it", () => {
    const [secret] = Object.values(otherSamples(9));
    const text = `kind: Role\nname: Reader\n# also ${secret}\ndescription: ${secret}\n`;
    const { text: clean, findings } = cleanText("a.yaml", text, findSecrets(text));
    const parsed = parseFile("a.yaml", new TextEncoder().encode(clean), "atomic");
    const said = JSON.stringify([parsed, findings]);
    expect(said).not.toContain(secret?.slice(4, 12));
    expect(findings.map(({ place, message }) => [place?.line, place?.column, message])).toEqual(
      [
        [3, 8],
        [4, 14],
      ].map((at) => [
        ...at,
        `This looks like a key or a token, long and random ("${secret?.slice(0, 4)}…", 40 characters)`,
      ]),
    );
  });
});
