// Some tests need programs that are no npm packages: a real Keystone, and a browser for the pages. Both come from Debian's own
// packages. Installs what is missing where that can be done without asking anybody; where it cannot, the tests say what is missing.
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Any of `paths` will do. */
const PROGRAMS = [
  {
    name: "Keystone",
    use: "the tests of its driver",
    paths: ["/usr/bin/keystone-wsgi-public"],
    package: "python3-keystone",
  },
  {
    name: "Chromium",
    use: "the tests of the pages",
    paths: [
      ...(process.env.CHROMIUM ? [process.env.CHROMIUM] : []),
      "/usr/bin/chromium",
      "/usr/bin/google-chrome",
      "/usr/bin/chromium-browser",
    ],
    package: "chromium",
  },
];

/** True when everything is there, or was installed now. Silent when there is nothing to do. */
export function ensurePrograms() {
  return PROGRAMS.map(ensureProgram).every(Boolean);
}

function ensureProgram({ name, use, paths, package: debian }) {
  const isThere = () => paths.some((path) => existsSync(path));
  if (isThere()) return true;
  if (!existsSync("/usr/bin/apt-get")) return false;
  const install = ["install", "-y", "--no-install-recommends", debian];
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  process.stderr.write(`Installing ${name} from Debian's packages, for ${use}.\n`);
  for (const args of [["update"], install]) {
    const [command, ...rest] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args];
    const { status, stdout, stderr } = spawnSync(command, rest, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
    if (status === 0) continue;
    const said = `${stdout ?? ""}${stderr ?? ""}`.trim().split("\n").slice(-15).join("\n");
    process.stderr.write(`${said}\n${name} could not be installed. By hand: sudo apt-get ${install.join(" ")}\n`);
    return false;
  }
  return isThere();
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = ensurePrograms() ? 0 : 1;
