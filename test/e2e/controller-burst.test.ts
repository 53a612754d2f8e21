// Two hundred webhooks at once: the same ones again, out of order, forged, of no use, far too large. The work is done once, whatever is bad is
// refused and counted, and the process does not grow.
import { createHmac, randomUUID } from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ControllerProcess, removeFolders, startController, WEBHOOK_SECRET } from "../support/controller.ts";
import { APPLIED_REF, type Forge, forgeWorld } from "../support/forge.ts";
import type { Delivery } from "../support/github/github.ts";

const NEVER = "0 0 30 2 *";
const MEGABYTE = 1024 * 1024;

let forge: Forge;
let controller: ControllerProcess;
beforeAll(async () => {
  forge = await forgeWorld({ settings: `schedule: { poll: "${NEVER}", drift: "${NEVER}" }\n` });
  controller = await startController(forge);
});
afterAll(async () => {
  await controller?.kill();
  await forge?.close();
  removeFolders();
});

interface Sending {
  readonly event: string;
  readonly body: string;
  readonly id?: string;
  /** Whose secret it is signed with; not signed at all when empty. */
  readonly secret?: string;
}

/** Posts it; the status, or 0 when the connection was cut before anything was answered. */
function post({ event, body, id = randomUUID(), secret = WEBHOOK_SECRET }: Sending): Promise<number> {
  const signature = `sha256=${createHmac("sha256", secret || "x")
    .update(body)
    .digest("hex")}`;
  return new Promise((settle) => {
    const sent = request(`${controller.url()}/webhooks/github`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "x-github-event": event,
        "x-github-delivery": id,
        ...(secret === "" ? {} : { "x-hub-signature-256": signature }),
      },
    });
    sent.on("response", (response) => {
      settle(response.statusCode ?? 0);
      response.resume();
    });
    sent.on("error", () => settle(0));
    sent.end(body);
  });
}

/** In an order that has nothing to do with the one before, but is the same each time. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item, index) => ({ item, place: (index * 7919) % 10_007 }))
    .sort((left, right) => left.place - right.place)
    .map(({ item }) => item);
}

const repeat = <Item>(times: number, item: (index: number) => Item): Item[] =>
  Array.from({ length: times }, (_, index) => item(index));

const hosted = (method: string, path: RegExp) => forge.github.requests({ method, path }).length;
const memory = async () => ((await controller.metrics()).get("process_resident_memory_bytes") ?? 0) / MEGABYTE;
const counted = async (result: string) =>
  (await controller.metrics()).get(`rolebook_webhooks_total{result="${result}"}`) ?? 0;
const quiet = () => controller.until("quiet", async () => (await controller.status()).queue.length === 0);

/** Two hundred deliveries, of which these are worth something; resolves with how many were answered with which status. */
async function burst(worth: readonly Delivery[]): Promise<Map<number, number>> {
  const own = JSON.stringify({ repository: { full_name: "acme/access" }, zen: "Design for failure." });
  const all: Sending[] = [
    ...worth,
    ...repeat(80, (index) => worth[index % worth.length] as Sending),
    ...repeat(30, () => ({ ...(worth[0] as Sending), id: randomUUID() })),
    ...repeat(30, (index) => ({ ...(worth[index % worth.length] as Sending), id: randomUUID(), secret: "forged" })),
    ...repeat(10, () => ({ event: "push", body: own, secret: "" })),
    ...repeat(20, (index) => ({ event: ["star", "ping", "deployment", "constructor"][index % 4] ?? "", body: own })),
    ...repeat(10, () => ({ event: "push", body: "{" })),
    ...repeat(5, () => ({ event: "push", body: `{"x":"${"x".repeat(20 * MEGABYTE)}"}` })),
    ...repeat(15 - worth.length, (index) => ({
      event: "push",
      body: JSON.stringify({ ref: "refs/heads/main", n: index, repository: { full_name: "acme/other" } }),
    })),
  ];
  expect(all).toHaveLength(200);
  const statuses = await Promise.all(shuffled(all).map(post));
  const counts = new Map<number, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

it("does the work once, refuses what is bad, and stays as large as it was", async () => {
  const insights = "policies/acme/groups/insights.yaml";
  // What it does at its start is done, too.
  await quiet();
  const before = await memory();
  forge.github.clearRequests();
  const number = forge.propose({
    login: "ana",
    branch: "burst",
    edit: (desk) => desk.write(insights, desk.read(insights).replace(/^description:.*$/m, "description: In a burst")),
  });
  const opened = forge.github.deliveries();
  expect(opened.map(({ event }) => event)).toContain("pull_request");
  const answers = await burst(opened);
  // 30 forged and 10 unsigned; 10 that are no JSON; of a body that is not read to its end the sender may learn nothing.
  expect(answers.get(401)).toBe(40);
  expect(answers.get(400)).toBe(10);
  expect((answers.get(413) ?? 0) + (answers.get(0) ?? 0)).toBe(5);
  expect(answers.get(202)).toBe(145);
  await quiet();
  expect(await counted("unsigned")).toBe(40);
  expect(await counted("malformed")).toBe(10);
  expect(await counted("too-large")).toBe(5);
  expect(await counted("elsewhere")).toBe(15 - opened.length);
  const useful = (await counted("accepted")) + (await counted("ignored")) + (await counted("duplicate"));
  expect(useful).toBe(opened.length + 80 + 30 + 20);
  expect(await counted("accepted")).toBeLessThanOrEqual(opened.length);
  expect([hosted("POST", /\/comments$/), hosted("POST", /\/check-runs$/), hosted("PUSH", /./)]).toEqual([1, 1, 0]);

  forge.access.review({ number, login: "hana" });
  forge.access.merge({ number, method: "squash", login: "hana" });
  forge.github.clearRequests();
  await burst(forge.github.deliveries().slice(opened.length));
  await controller.until("applied", () => forge.atOrigin(APPLIED_REF) === forge.access.tip("main"));
  await quiet();
  expect(forge.simulator.counters.view().writes).toHaveLength(1);
  expect(forge.access.comments(number)).toHaveLength(1);
  expect(hosted("POST", /\/comments$/)).toBe(0);
  expect((await controller.status()).errors).toEqual([]);
  expect((await memory()) - before).toBeLessThan(200);
  expect((await fetch(`${controller.url()}/healthz`)).status).toBe(200);
});
