// One person on several targets: by the same address, by what the settings say, and by both in a row.
import { describe, expect, it } from "vitest";
import { type Entity, stateOf } from "../../src/model/entity.ts";
import type { Person } from "../../src/model/settings.ts";
import { identify, type Known } from "../../src/plan/person.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";

function member(name: string, email?: string): Entity {
  const attributes = email === undefined ? {} : { email };
  return { kind: "Member", section: "Member", local: name, name, attributes };
}

const cards: Known = {
  platform: atomic,
  state: stateOf([member("ana@acme.example"), member("bo@acme.example"), member("noor@acme.example")]),
};
const clouds: Known = {
  platform: keystone,
  state: stateOf([member("ana", "Ana@Acme.example"), member("Ana"), member("builder", "bo@acme.example")]),
};
const place = { file: "policies/rolebook.yaml", line: 1, column: 1 };
const people: readonly Person[] = [
  { login: "noor-gh", members: ["noor@acme.example", "Ana"], place },
  { login: "bo-gh", members: ["BO@acme.example"], place },
];

const found = (name: string, said: readonly Person[] = []) => {
  const { login, members } = identify(name, [cards, clouds], said);
  return [login, ...members.map((list) => list.map((entity) => entity.name))];
};

describe("the same person", () => {
  it("has the same address", () => {
    expect(found("ana@acme.example")).toEqual([undefined, ["ana@acme.example"], ["ana"]]);
    expect(found("ANA@acme.example ")).toEqual([undefined, ["ana@acme.example"], ["ana"]]);
  });

  it("is found by any of their names", () => {
    expect(found("ana")).toEqual([undefined, ["ana@acme.example"], ["ana"]]);
    expect(found("builder", people)).toEqual(["bo-gh", ["bo@acme.example"], ["builder"]]);
  });

  it("is whom the settings say", () => {
    expect(found("noor@acme.example")).toEqual([undefined, ["noor@acme.example"], []]);
    expect(found("noor@acme.example", people)).toEqual(["noor-gh", ["noor@acme.example"], ["Ana"]]);
    expect(found("bo@acme.example", people)).toEqual(["bo-gh", ["bo@acme.example"], ["builder"]]);
  });

  it("may be two members of one target", () => {
    const twice: Person = { login: "ana-gh", members: ["ana", "Ana"], place };
    expect(found("Ana", [twice])).toEqual(["ana-gh", ["ana@acme.example"], ["Ana", "ana"]]);
  });

  it("is not somebody else whose name differs in case, where case tells people apart", () => {
    expect(found("Ana")).toEqual([undefined, [], ["Ana"]]);
    const other: Person = { login: "other", members: ["Ana"], place };
    expect(found("ana", [other])).toEqual([undefined, ["ana@acme.example"], ["ana"]]);
    expect(found("nobody")).toEqual([undefined, [], []]);
  });
});
