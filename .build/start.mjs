// `npm start`: sets the clone up, then plays Rolebook's main job once on the embedded simulator, in a temporary folder
// that is gone afterwards. Exits 0 when every command ended as it should, 1 when one did not.
import { constants } from "node:os";
import { setUp } from "./setup.mjs";

process.exitCode = await main();

async function main() {
  try {
    await setUp();
  } catch (error) {
    process.stderr.write(`Set-up failed: ${error.message}\n`);
    return 1;
  }
  const { openStage } = await import("./start/stage.mjs");
  const { tell } = await import("./start/story.mjs");
  const stage = openStage();
  const stopped = clearWhenStopped(stage);
  try {
    await tell(stage);
    await stage.clear();
    farewell();
    return 0;
  } catch (error) {
    // What fails because everything was told to stop is no failure; whoever told it to ends the process.
    if (stopped()) return 1;
    await stage.clear();
    const noGit = error.code === "ENOENT" && error.path === "git";
    process.stderr.write(`\nThe first run stopped: ${noGit ? "it needs Git, which was not found" : error.message}\n`);
    return 1;
  }
}

/**
 * Ctrl-C and its like: end every process, take the folder away, then end. So does a reader that has gone (`| head`).
 * Gives whether that has begun.
 */
function clearWhenStopped(stage) {
  let stopping = false;
  const stop = async (code) => {
    if (stopping) return;
    stopping = true;
    await stage.clear();
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(128 + constants.signals[signal]));
  process.stdout.on("error", () => stop(0));
  return () => stopping;
}

function farewell() {
  process.stdout.write(`
That was all of it; the folder and the simulator are gone. Where to go next:

  node dist/main.js --help      the commands (npm link makes it \`rolebook\`)
  README.md                     ten minutes to a repository of your own
  policies/                     the example you have just seen, with comments
  npm test                      every promise of it, checked
`);
}
