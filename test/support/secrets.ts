// Things that look like real keys and tokens, put together while tests run: none stands in a file, where a scanner would find it.
// The same seed gives the same ones.
import { dice } from "./dice.ts";

const DIGITS = "0123456789";
const SMALL = "abcdefghijklmnopqrstuvwxyz";
export const BASE62 = `${DIGITS}${SMALL}${SMALL.toUpperCase()}`;

/** A source of characters that look random. */
export function characters(seed: number): (length: number, alphabet?: string) => string {
  const next = dice(seed);
  return (length, alphabet = BASE62) =>
    Array.from({ length }, () => alphabet.charAt(Math.floor(next() * alphabet.length))).join("");
}

/** One of each vendor's that secretlint knows, by the rule's name, and of our own; each as it would stand in a file. */
export function vendorSamples(seed: number): Readonly<Record<string, readonly string[]>> {
  const some = characters(seed);
  const upper = `${SMALL.toUpperCase()}${DIGITS}`;
  const base64 = `${BASE62}+/`;
  return {
    aws: [["aws", "secret", "access", "key: "].join("_").replace("_key: ", "_key: ") + some(40, base64)],
    privatekey: [pem("RSA ", some), pem("", some), pem("EC ", some)],
    npm: [`npm${"_"}${some(36)}`, `//npm.acme.example/:_auth${"Token"}=${some(36)}`],
    basicauth: [`https://${"me"}:${some(12)}@host.acme.example`],
    slack: [
      ["xoxb", some(12, DIGITS), some(12, DIGITS), some(24)].join("-"),
      `https://hooks.${"slack"}.com/services/T${some(8, upper)}/B${some(8, upper)}/${some(24)}`,
    ],
    sendgrid: [`SG.${some(22)}.${some(43)}`],
    shopify: [`shpat${"_"}${some(32)}`],
    github: [`ghp${"_"}${some(36)}`, `ghs${"_"}${some(36)}`, `github${"_pat_"}${some(82)}`],
    openai: [`sk${"-"}${some(20)}T3Blbk${"FJ"}${some(20)}`],
    anthropic: [`sk-ant-${"api03"}-${some(91)}AA`],
    linear: [`lin${"_api_"}${some(40)}`],
    "1password": [`ops_${Buffer.from(JSON.stringify({ email: "a@b.example", key: some(161) })).toString("base64")}`],
    "database-connection-string": [`postgres://${"app"}:${some(14)}@db.acme.example:5432/app`],
  };
}

/** What has no vendor's rule. */
export function otherSamples(seed: number): Readonly<Record<string, string>> {
  const some = characters(seed);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return {
    "40 random characters": some(40),
    "40 random small letters and digits": some(40, `${SMALL}${DIGITS}`),
    "a secret of base64url": some(43, `${BASE62}-_`),
    "an AWS key's id": `AK${"IA"}${some(16, `${SMALL.toUpperCase()}234567`)}`,
    "a JSON Web Token": [part({ alg: "HS256", typ: "JWT" }), part({ sub: some(12) }), some(43)].join("."),
    "a webhook's secret": `whsec${"_"}${Buffer.from(some(24)).toString("base64")}`,
    "a token of Keystone": `gAAA${"AA"}${some(100, `${BASE62}-_`)}`,
    "an address with a password": `amqp://app:${some(8)}@queue`,
  };
}

/** A private key as far as anybody can tell from outside, in lines of 64. */
function pem(kind: string, some: (length: number, alphabet?: string) => string): string {
  const edge = (word: string) => `-----${word} ${kind}PRIVATE ${"KEY"}-----`;
  const lines = Array.from({ length: 6 }, () => some(64, `${BASE62}+/`));
  return [edge("BEGIN"), `MII${lines[0]?.slice(3)}`, ...lines.slice(1), edge("END")].join("\n");
}
