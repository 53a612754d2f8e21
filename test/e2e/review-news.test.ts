// News of an access review, over real Git, a Git host and a receiver: what a run that died had not told yet is told by the next, and once.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { forgeWorld } from "../support/forge.ts";
import { READER } from "../support/loop.ts";
import { type Death, mortal, type Point } from "../support/mortal.ts";
import type { World } from "../support/world.ts";

const make = (world: World) =>
  world.write(
    "policies/reviews/autumn.yaml",
    "kind: Review\nname: autumn\nreviewers: {from: group-owners, fallback: [hana@acme.example]}\ndue: 2099-12-31\n",
  );

describe("a start that died before it told anybody", () => {
  it("is told by the next one, and once", async () => {
    const received: string[] = [];
    const receiver = createServer(async (request, response) => {
      let body = "";
      for await (const part of request) body += part;
      received.push(body);
      response.writeHead(204).end();
    });
    await new Promise<void>((settle) => receiver.listen(0, "127.0.0.1", settle));
    const forge = await forgeWorld({
      settings: "notify: [{ type: cloudevents, url: NEWS_URL, secret: NEWS_SECRET }]\n",
      edits: { name: "a review of autumn for news", make },
    });
    onTestFinished(async () => {
      receiver.closeAllConnections();
      receiver.close();
      await forge.close();
    });
    const news = {
      ...READER,
      NEWS_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
      NEWS_SECRET: `whsec_${Buffer.from("a secret of sufficient length").toString("base64")}`,
    };
    const start = async (death?: Death) => {
      const life = mortal(death);
      const environment = { ...news, ...life.environment };
      const { code, stderr } = await forge
        .checkout({ depth: 0 })
        .rolebook(["review", "start", "autumn"], { environment });
      life.remove();
      return { code, stderr, pulls: forge.access.pulls().length, told: received.length };
    };
    // It dies right after the pull request was opened.
    const atPull = { points: new Set<Point>(), kinds: [/^(?!after POST host\/repos\/acme\/access\/pulls$)/] };
    expect(await start({ at: atPull })).toEqual({ code: null, stderr: "", pulls: 1, told: 0 });
    expect(await start()).toEqual({ code: 0, stderr: "", pulls: 1, told: 1 });
    expect(received[0]).toContain("Access review autumn has begun");
    expect(await start()).toEqual({ code: 0, stderr: "", pulls: 1, told: 1 });
  });
});
