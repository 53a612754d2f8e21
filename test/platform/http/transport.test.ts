// What a transport says of a request that got no answer: whether it may have reached the platform is never forgotten.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { UnreachableError } from "../../../src/platform/http/failure.ts";
import { openTransport } from "../../../src/platform/http/transport.ts";

async function sendTo(port: number): Promise<unknown> {
  const transport = openTransport({ url: `http://127.0.0.1:${port}`, connections: 1, timeoutMs: 2_000, retries: 2 });
  const request = { method: "PUT", path: "/x", headers: async () => ({}), repeatable: true } as const;
  try {
    return await transport.send(request).catch((error: unknown) => error);
  } finally {
    await transport.close();
  }
}

test("a request whose answer was lost may have been made, even if the platform was gone when it was tried again", async () => {
  let heard = 0;
  const server = createServer((request) => {
    heard += 1;
    server.close();
    request.socket.destroy();
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const { port } = server.address() as AddressInfo;
  const error = await sendTo(port);
  expect(heard).toBe(1);
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error).toMatchObject({ code: "ECONNREFUSED", sent: true });
  // One that nobody ever heard was certainly not made.
  expect(await sendTo(port)).toMatchObject({ code: "ECONNREFUSED", sent: false });
});
