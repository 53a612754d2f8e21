// Drift through the whole loop: found, proposed, planned on its pull request, approved, merged, applied; adopted or undone. What runs
// again and finds nothing new changes nothing, at the remote or on the host.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { APPLIED_REF, type Forge, type ForgeOptions, forgeWorld } from "../support/forge.ts";
import { describeGroup, type Loop, leave, loopOf, SETTLED, settled } from "../support/loop.ts";

let forge: Forge;
let loop: Loop;
const begin = async (options: ForgeOptions) => {
  forge = await forgeWorld(options);
  loop = loopOf(forge);
};
afterEach(() => forge?.close());

const LONG = 300_000;
const INSIGHTS = "/v1/groups/gInsigh7Gu";
const PUBLISHERS = "/v1/groups/gCardPb5Et/members/batch";

/** Looks for drift, as a job on a schedule does. */
async function drift(): Promise<{
  readonly code: number | null;
  readonly state: string;
  readonly pull: number | null;
}> {
  const { code, stdout, stderr } = await forge.checkout().rolebook(["drift", "--propose", "--format", "json"]);
  if (!stdout.startsWith("{")) throw new Error(`exit ${code}\n${stdout}\n${stderr}`);
  const { state, pull } = JSON.parse(stdout);
  return { code, state, pull };
}

/** Every command once more: the remote's refs, the host and the platform stay as they are, byte by byte, and nothing is asked of them. */
async function expectStill(commands: readonly (() => Promise<unknown>)[]): Promise<void> {
  const before = loop.everything();
  forge.github.clearRequests();
  for (const command of commands) await command();
  expect(forge.github.requests({ writes: true }).map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  expect(loop.everything()).toEqual(before);
}

const allAgain = () => expectStill([drift, () => loop.plan("all"), () => loop.apply(), drift, () => loop.plan("all")]);

describe("drift that is adopted", () => {
  beforeEach(() => begin({ target: "    drift: propose\n" }));

  it(
    "is approved and merged like anything else, and applied without a write to the platform",
    async () => {
      await forge.byHand("PATCH", INSIGHTS, { description: "By hand" });
      await forge.byHand("POST", PUBLISHERS, { add: ["mRavi11Xc4"] });
      forge.simulator.counters.reset();
      const { state, pull } = await drift();
      const number = pull ?? 0;
      expect(state).toBe("opened");
      const planned = await loop.plan(number);
      // What it adopts gives somebody more: that takes an owner.
      expect([planned.code, planned.stderr]).toEqual([2, ""]);
      await allAgain();
      forge.access.review({ number, login: "hana" });
      expect((await loop.plan(number)).code).toBe(0);
      forge.access.merge({ number, method: "squash" });
      expect(await loop.apply()).toMatchObject({ code: 0, stderr: "", held: [], refused: null, converged: true });
      expect(loop.writes()).toBe(0);
      expect(forge.atOrigin(APPLIED_REF)).toBe(forge.access.tip("main"));
      expect(await loop.left()).toEqual({ code: 0, names: [] });
      expect(await drift()).toMatchObject({ code: 0, state: "none" });
      expect(settled(forge)).toEqual(SETTLED);
      await allAgain();
    },
    LONG,
  );

  it(
    "is closed when it is gone, and what is merged meanwhile is applied as if it were not there",
    async () => {
      await forge.byHand("POST", PUBLISHERS, { add: ["mRavi11Xc4"] });
      const { pull } = await drift();
      await loop.merged(describeGroup("insights", "Beside the drift"), { method: "rebase" });
      forge.simulator.counters.reset();
      expect(await loop.apply()).toMatchObject({ code: 0, held: [], outcomes: [{ status: "applied" }] });
      expect(loop.writes()).toBe(1);
      expect(await drift()).toMatchObject({ code: 2, state: "updated", pull });
      await loop.plan("all");
      await allAgain();
      await forge.byHand("POST", PUBLISHERS, { remove: ["mRavi11Xc4"] });
      expect(await drift()).toMatchObject({ code: 0, state: "closed" });
      expect(forge.access.pull(pull ?? 0).state).toBe("closed");
      expect(settled(forge)).toEqual(SETTLED);
      await allAgain();
    },
    LONG,
  );
});

describe("drift that is undone", () => {
  beforeEach(() => begin({ target: "    drift: revert\n" }));

  it(
    "takes an approval of its own pull request, and brings the platform back to what Git says",
    async () => {
      const before = JSON.stringify(forge.simulator.dump().groups);
      await forge.byHand("PATCH", INSIGHTS, { description: "By hand" });
      await forge.byHand("POST", PUBLISHERS, { remove: ["mOlu07Uj8m"] });
      const { state, pull } = await drift();
      const number = pull ?? 0;
      expect(state).toBe("opened");
      const other = loop.open(leave("card-creators", "lars"), "bo");
      expect((await loop.plan("all")).code).toBe(2);
      expect([loop.shown(number)[0]?.changes?.length, loop.shown(other)[0]?.changes?.length]).toEqual([2, 1]);
      await allAgain();
      // Another one's approval approves none of it.
      forge.access.review({ number: other, login: "noor" });
      await loop.plan("all");
      forge.access.merge({ number: other });
      forge.simulator.counters.reset();
      expect(await loop.apply()).toMatchObject({ code: 0, held: [], outcomes: [{ status: "applied" }] });
      expect(loop.writes()).toBe(1);
      expect(await drift()).toMatchObject({ state: "updated", pull: number });
      await loop.plan(number);
      forge.access.review({ number, login: "hana" });
      expect((await loop.plan(number)).code).toBe(0);
      forge.access.merge({ number, method: "merge" });
      const applied = await loop.apply();
      expect(applied).toMatchObject({ code: 0, stderr: "", held: [], refused: null, converged: true });
      expect(loop.writes()).toBe(3);
      expect(loop.runs().at(-1)?.start.approval.evidence).toMatchObject([{ pull: number, login: "hana" }]);
      expect(descriptions(JSON.stringify(forge.simulator.dump().groups))).toEqual(descriptions(before));
      expect(await loop.left()).toEqual({ code: 0, names: [] });
      expect(await drift()).toMatchObject({ code: 0, state: "none" });
      expect(settled(forge)).toEqual(SETTLED);
      await allAgain();
    },
    LONG,
  );

  it(
    "merged without an approval it is held, and made when it is approved after the merge",
    async () => {
      await forge.byHand("PATCH", INSIGHTS, { description: "By hand" });
      const { pull } = await drift();
      const number = pull ?? 0;
      await loop.plan(number);
      forge.access.merge({ number, method: "merge" });
      forge.simulator.counters.reset();
      expect(await drift()).toMatchObject({ state: "left-alone" });
      const held = await loop.apply();
      expect([held.code, loop.writes(), held.held.map(({ pull: of }) => of)]).toEqual([2, 0, [number]]);
      await allAgain();
      forge.access.review({ number, login: "hana" });
      expect(await loop.apply()).toMatchObject({ code: 0, held: [], outcomes: [{ status: "applied" }] });
      expect(await drift()).toMatchObject({ code: 0, state: "none" });
      expect(settled(forge)).toEqual(SETTLED);
    },
    LONG,
  );
});

const descriptions = (groups: string) =>
  (JSON.parse(groups) as { readonly name: string; readonly description: string }[]).map(({ name, description }) => [
    name,
    description,
  ]);
