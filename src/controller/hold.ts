// One controller to a folder of clones. A socket in the folder says so for as long as the process lives, and no longer: what a
// killed one leaves behind answers nobody. It works across containers that share the folder, where process numbers mean nothing.
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { OperatorError } from "../run/context.ts";

/** Takes the folder, which is made if need be; returns how to give it back. Throws `OperatorError` while another controller has it. */
export async function holdFolder(folder: string): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "controller.sock");
  if (await isAnswered(path))
    throw new OperatorError(
      `Another controller keeps its clones in ${folder}`,
      "Stop it first, or name another folder with --clone.",
    );
  rmSync(path, { force: true });
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        new OperatorError(`The clones cannot be kept in ${folder}: ${error.message}`, "Name a folder with --clone."),
      ),
    );
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  // It says that the process lives; it does not keep it alive.
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("connect", () => end(true));
    // Nothing there, or nobody listens there any more.
    socket.once("error", () => end(false));
  });
}
