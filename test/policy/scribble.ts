// Policy documents written the way people might: any order of keys, any quotes and brackets, comments and blank lines
// wherever YAML allows them. Decisions come from a tape of numbers, so that failures shrink.
import fc from "fast-check";
import type { Json } from "../../src/model/document.ts";

/** A text and the comments that were put into it, each of them once. */
export interface Scribble {
  readonly text: string;
  readonly comments: readonly string[];
}

const word = fc.constantFrom(
  "Card editor",
  "Theme viewer",
  "a",
  "B-2",
  "it's",
  'say "x"',
  "a: b",
  "a #b",
  "- x",
  "yes",
  "1.5",
  "#x",
  "[x]",
  "x, y",
  "é",
  "😀",
);
const address = fc.constantFrom("ana", "Bo", "cy.x", "di+y", "o'neil").map((name) => `${name}@acme.example`);
const text = fc.oneof(
  word,
  fc.constantFrom("two\nlines", "with\n\nparagraphs\n", `${"long ".repeat(40)}end`, "ends\n", " spaces ", "tab\there"),
);
const set = <T>(item: fc.Arbitrary<T>) => fc.uniqueArray(item, { maxLength: 4 });
const optional = <T extends Record<string, fc.Arbitrary<unknown>>>(fields: T) =>
  fc.record(fields, { requiredKeys: [] });

const member = fc.oneof(
  address,
  fc
    .tuple(
      address,
      fc.oneof(
        optional({ until: fc.constantFrom("2027-01-31", "2027-01-31T10:00:00Z"), reason: text }),
        optional({ for: fc.constantFrom("14d", "2w", "36h", "for ever"), reason: text }),
      ),
    )
    .map(([email, rest]) => ({ email, ...rest })),
);

const role = fc
  .tuple(
    word,
    optional({
      description: text,
      permissions: fc.dictionary(
        fc.constantFrom("Theme", "Tag", "API keys", "Card template"),
        fc.constantFrom("view", "edit"),
      ),
    }),
  )
  .map(([name, rest]) => ({ kind: "Role", name, ...rest }));
const group = fc
  .tuple(
    word,
    optional({
      previously: word,
      description: text,
      roles: set(word),
      environments: fc.oneof(
        fc.constant("all"),
        fc.uniqueArray(fc.constantFrom("dev", "test", "x y"), { minLength: 1 }),
      ),
    }),
  )
  .map(([name, rest]) => ({ kind: "Group", name, ...rest }));
const membership = fc.record({
  kind: fc.constant("Membership"),
  group: word,
  members: fc.array(member, { maxLength: 4 }),
});
const scope = fc.record({
  kind: fc.constant("EnvironmentScope"),
  name: word,
  environments: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
});

const selector = optional({
  resource: word,
  level: fc.constantFrom("view", "admin"),
  scopes: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
  ownerEquivalent: fc.boolean(),
});
const selectors = fc.array(selector, { minLength: 1, maxLength: 3 });
const filled = fc.uniqueArray(word, { minLength: 1, maxLength: 3 });
const rule = fc.oneof(
  fc.record({
    rule: fc.constant("separation-of-duties"),
    with: fc
      .tuple(selectors, selectors, optional({ in: fc.constantFrom("one-scope", "any-scope") }))
      .map(([first, second, rest]) => ({ second, first, ...rest })),
  }),
  fc.record({
    rule: fc.constant("permission-holders"),
    with: fc.record({ permissions: selectors, through: fc.oneof(fc.constantFrom("any-group", "nobody"), filled) }),
  }),
  fc.record({
    rule: fc.constant("environment-separation"),
    with: fc.record({
      one: fc.record({ scopes: filled, permissions: selectors }),
      other: fc.record({ scopes: filled }),
    }),
  }),
  fc.record({
    rule: fc.constant("holder-count"),
    with: fc.record({ permissions: selectors, least: fc.nat(9), most: fc.nat(9) }),
  }),
  fc.record({ rule: fc.constant("cel"), with: fc.record({ for: fc.constantFrom("member", "plan"), deny: text }) }),
  fc.record({ rule: fc.constant("group-owner") }),
);
const said = fc.constantFrom("Contract C-102", "it's", 'say "x"', "a: b", "two\nlines", `${"long ".repeat(40)}end`);
const exception = fc
  .tuple(
    fc.oneof(fc.record({ member: address }), fc.record({ group: word })),
    fc.record({ reason: said, approver: address, until: fc.constantFrom("2027-01-31", "2027-01-31T10:00:00Z") }),
  )
  .map(([who, rest]) => ({ ...rest, ...who }));
const guardrail = fc
  .tuple(
    word,
    rule,
    optional({
      description: said,
      severity: fc.constantFrom("error", "warning"),
      targets: set(word),
      owners: set(word),
      message: said,
      except: fc.array(exception, { maxLength: 3 }),
    }),
  )
  .map(([name, what, rest]) => ({ kind: "Guardrail", name, ...what, ...rest }));
const waiver = fc.record({
  kind: fc.constant("Waiver"),
  name: word,
  target: word,
  plan: fc.constant("0f".repeat(32)),
  limit: fc.constant("group"),
  of: word,
  allows: fc.integer({ min: 1, max: 99 }),
  reason: said,
  approver: address,
});
const identity = fc.record({
  kind: fc.constant("Identity"),
  target: word,
  member: address,
  id: word,
  reason: said,
  approver: address,
});

type Documents = fc.Arbitrary<{ readonly [key: string]: Json }>;

/** Documents of every kind of Atomic, valid by their schemas. */
const documents = fc.oneof(role, group, membership, scope) as Documents;
/** Documents of every kind that governs all targets, valid by their schemas. */
const governing = fc.oneof(guardrail, waiver, identity) as Documents;

/** Documents, and one way to write them. */
export const scribbles = scribblesOf(documents);
export const governingScribbles = scribblesOf(governing);

function scribblesOf(kinds: Documents) {
  return fc
    .tuple(
      fc.array(kinds, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(999), { minLength: 1, maxLength: 120 }),
      fc.boolean(),
    )
    .map(([values, tape, crlf]) => {
      const scribe = new Scribe(tape);
      const text = scribe.file(values);
      return { values, text: crlf ? text.replaceAll("\n", "\r\n") : text, comments: scribe.comments };
    });
}

/** One way to write documents, with the comments in it. */
export function scribble(values: readonly { readonly [key: string]: Json }[], tape: readonly number[]): Scribble {
  const scribe = new Scribe(tape);
  return { text: scribe.file(values), comments: scribe.comments };
}

class Scribe {
  readonly comments: string[] = [];
  private step = 0;
  private readonly tape: readonly number[];

  constructor(tape: readonly number[]) {
    this.tape = tape;
  }

  file(values: readonly { readonly [key: string]: Json }[]): string {
    let text = this.chance(3) ? "# yaml-language-server: $schema=x.json\n" : "";
    if (text !== "") this.comments.push(text.trim());
    for (const [index, value] of values.entries()) {
      if (index > 0 || this.chance(4)) text += `${this.above(0)}---${this.trailing()}\n`;
      text += this.chance(6) ? `${this.above(0)}${this.flow(value, 2)}${this.trailing()}\n` : this.map(value, 0);
      text += this.above(this.pick(3));
    }
    return text;
  }

  private pick(count: number): number {
    const chosen = (this.tape[this.step % this.tape.length] ?? 0) + Math.floor(this.step / this.tape.length);
    this.step++;
    return chosen % count;
  }

  private chance(of: number): boolean {
    return this.pick(of) === of - 1;
  }

  private comment(): string {
    const text = `${this.pick(2) === 0 ? "# " : "#"}c${this.comments.length}${this.chance(4) ? ": - x [y] 'z" : ""}`;
    this.comments.push(text);
    return text;
  }

  /** Lines before something: comments and blank lines, mostly none. */
  private above(indent: number): string {
    let text = "";
    while (this.chance(4)) text += this.chance(3) ? "\n" : `${" ".repeat(indent)}${this.comment()}\n`;
    return text;
  }

  private trailing(): string {
    return this.chance(4) ? `${" ".repeat(1 + this.pick(3))}${this.comment()}` : "";
  }

  private map(value: { readonly [key: string]: Json }, indent: number, afterDash = false): string {
    let text = "";
    const keys = this.shuffle(Object.keys(value));
    for (const [index, key] of keys.entries()) {
      if (index > 0 || !afterDash) text += `${this.above(indent)}${" ".repeat(indent)}`;
      text += `${this.scalar(key, false)}:${this.chance(5) ? " " : ""}${this.value(value[key] ?? null, indent)}`;
    }
    return text + (this.chance(6) ? `${" ".repeat(indent)}${this.comment()}\n` : "");
  }

  /** What follows `key:` or `-`, with the line break. */
  private value(value: Json, indent: number): string {
    if (typeof value === "string" && /\n/.test(value) && !/^\s|\t/.test(value)) return this.block(value, indent);
    if (value === null || typeof value !== "object") {
      const inner = " ".repeat(indent + 1 + this.pick(3));
      const next = this.chance(6) ? `${this.trailing()}\n${this.above(indent + 2)}${inner}` : " ";
      return `${next}${this.scalar(value, false)}${this.trailing()}\n`;
    }
    const isEmpty = Object.keys(value).length === 0;
    if (isEmpty || this.chance(3)) return ` ${this.flow(value, indent + 2)}${this.trailing()}\n`;
    if (!Array.isArray(value))
      return `${this.trailing()}\n${this.map(value as { [key: string]: Json }, indent + 1 + this.pick(4))}`;
    return `${this.trailing()}\n${this.list(value, indent + this.pick(4))}`;
  }

  private list(value: readonly Json[], indent: number): string {
    let text = "";
    for (const item of value) {
      text += `${this.above(indent)}${" ".repeat(indent)}-`;
      const isMap = item !== null && typeof item === "object" && !Array.isArray(item) && Object.keys(item).length > 0;
      if (isMap && !this.chance(3)) {
        const gap = 1 + this.pick(3);
        const own = this.chance(5)
          ? `${this.trailing()}\n${this.above(indent + 2)}${" ".repeat(indent + 1 + gap)}`
          : " ".repeat(gap);
        text += own + this.map(item as { [key: string]: Json }, indent + 1 + gap, true);
      } else text += this.value(item, indent);
    }
    return text + (this.chance(6) ? `${" ".repeat(indent)}${this.comment()}\n` : "");
  }

  private block(value: string, indent: number): string {
    const body = value.replace(/\n$/, "");
    const inner = " ".repeat(indent + 1 + this.pick(3));
    const lines = body.split("\n").map((line) => (line === "" ? "" : inner + line));
    return ` ${value === body ? "|-" : "|"}${this.trailing()}\n${lines.join("\n")}\n`;
  }

  private flow(value: Json, indent: number): string {
    if (value === null || typeof value !== "object") return this.scalar(value, true);
    const isList = Array.isArray(value);
    const gap = () => (this.chance(5) ? `${this.trailing()}\n${this.above(indent)}${" ".repeat(indent)}` : "");
    const keys = isList ? Object.keys(value) : this.shuffle(Object.keys(value));
    const items = keys.map((key) => {
      const item = (value as { [key: string]: Json })[key] ?? null;
      return `${gap()}${isList ? "" : `${this.scalar(key, true)}: `}${this.flow(item, indent)}${gap()}`;
    });
    const last = items.length > 0 && this.chance(4) ? "," : "";
    return `${isList ? "[" : "{"}${items.join(", ")}${last}${gap()}${isList ? "]" : "}"}`;
  }

  private scalar(value: Json, inFlow: boolean): string {
    if (typeof value !== "string") return JSON.stringify(value);
    const isPlain =
      /^[a-z@+.-]+(?: [a-z]+)*$/i.test(value) && !/^(?:yes|-)/.test(value) && !(inFlow && /[,[\]{}]/.test(value));
    const style = this.pick(3);
    if (isPlain && style === 0) return value;
    return style === 1 && !/\n/.test(value) ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
  }

  private shuffle<T>(items: readonly T[]): T[] {
    const rest = [...items];
    const shuffled: T[] = [];
    while (rest.length > 0) shuffled.push(...rest.splice(this.chance(2) ? this.pick(rest.length) : 0, 1));
    return shuffled;
  }
}
