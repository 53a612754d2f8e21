// The tests of the Keystone driver start a real Keystone, from Debian's own packages. Installs it where that can be done
// without asking anybody; where it cannot, the tests say what is missing.
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PROGRAM = "/usr/bin/keystone-wsgi-public";
const INSTALL = ["install", "-y", "--no-install-recommends", "python3-keystone"];

/** True when Keystone is there, or was installed now. Silent when there is nothing to do. */
export function ensureKeystone() {
  if (existsSync(PROGRAM)) return true;
  if (!existsSync("/usr/bin/apt-get")) return false;
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  process.stderr.write("Installing Keystone from Debian's packages, for the tests of its driver.\n");
  for (const args of [["update"], INSTALL]) {
    const [command, ...rest] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args];
    const { status, stdout, stderr } = spawnSync(command, rest, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
    if (status === 0) continue;
    const said = `${stdout ?? ""}${stderr ?? ""}`.trim().split("\n").slice(-15).join("\n");
    process.stderr.write(`${said}\nKeystone could not be installed. By hand: sudo apt-get ${INSTALL.join(" ")}\n`);
    return false;
  }
  return existsSync(PROGRAM);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = ensureKeystone() ? 0 : 1;
