// What .github/deploy says is what the controller does: its command line, port, paths, signals and folders, read from the files and
// held against the program.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { loadAll } from "js-yaml";
import { describe, expect, it } from "vitest";
import { HEALTH_PATH, READY_PATH, WEBHOOK_PATH } from "../../src/controller/server.ts";
import { MAIN } from "../support/world.ts";

const read = (name: string) => readFileSync(new URL(`../../.github/deploy/${name}`, import.meta.url), "utf8");

const HELP = execFileSync(process.execPath, [MAIN, "controller", "--help"], { encoding: "utf8" });
const PORT = Number(/--port <number>.*\(default: (\d+)\)/s.exec(HELP)?.[1]);

/** Options of a command line, each of which the controller must know. */
function optionsOf(words: readonly string[]): Map<string, string> {
  expect(words[0]).toBe("controller");
  const options = new Map<string, string>();
  for (let index = 1; index < words.length; index += 2) options.set(words[index] ?? "", words[index + 1] ?? "");
  for (const option of options.keys()) expect(HELP, option).toMatch(new RegExp(`^ +${option} `, "m"));
  return options;
}

/** Instructions of the last stage of a container file, continued lines joined. */
function stage(text: string): [string, string][] {
  const lines = text
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll("\\\n", " ")
    .split("\n");
  const instructions = lines
    .filter((line) => line.trim() !== "")
    .map((line): [string, string] => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1).trim()]);
  return instructions.slice(instructions.findLastIndex(([name]) => name === "FROM"));
}

describe("the container file", () => {
  const instructions = stage(read("Containerfile"));
  const of = (name: string) => instructions.filter(([instruction]) => instruction === name).map(([, rest]) => rest);

  it("runs the controller, without root, on the port it opens, with its clones where it may write", () => {
    expect(of("ENTRYPOINT")).toEqual(['["rolebook"]']);
    const options = optionsOf(JSON.parse(of("CMD")[0] ?? "[]"));
    expect([options.get("--port"), of("EXPOSE")[0]]).toEqual([String(PORT), String(PORT)]);
    expect(options.get("--host")).toBe("0.0.0.0");
    expect(of("VOLUME")).toEqual([JSON.stringify([options.get("--clone")])]);
    expect(of("WORKDIR")).toEqual([options.get("--clone")]);
    expect(of("RUN").join()).toContain(`install -d -o 1000 -g 1000 -m 0700 ${options.get("--clone")}`);
    expect(of("USER")).toEqual(["1000:1000"]);
    expect(of("STOPSIGNAL")).toEqual(["SIGTERM"]);
    expect(of("HEALTHCHECK")[0]).toContain(`http://127.0.0.1:${PORT}${HEALTH_PATH}`);
  });

  it("writes no core, whose memory holds credentials", () => {
    const script = /printf '([^']*)' > (\S+)/.exec(of("RUN").join("\n"));
    expect(script?.[2]).toBe("/usr/local/bin/rolebook");
    expect(script?.[1]?.split("\\n").slice(0, 3)).toEqual([
      "#!/bin/sh",
      "ulimit -c 0",
      'exec node /opt/rolebook/dist/main.js "$@"',
    ]);
    expect(read("rolebook.service")).toMatch(/^LimitCORE=0$/m);
    expect(read("kubernetes.yaml")).not.toMatch(/^\s+command:/m);
  });

  it("has what the program needs: Git, its bundle, its schemas, a Node that will do", () => {
    expect(of("RUN").join()).toMatch(/apt-get install .*\bgit\b/);
    for (const [from] of [["package.json"], ["schemas"], ["dist"]]) expect(of("COPY").join("\n")).toContain(from);
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(of("RUN").join()).toContain(`/opt/rolebook/${manifest.bin.rolebook}`);
    expect(of("FROM")).toEqual([expect.stringMatching(/^node:20-/)]);
    expect(manifest.engines.node).toMatch(/^>=20/);
    for (const path of read("Containerfile").matchAll(/^COPY (?!--)(.+) \S+$/gm))
      for (const name of (path[1] ?? "").split(" "))
        expect(existsSync(new URL(`../../${name}`, import.meta.url)), name).toBe(true);
  });
});

describe("the systemd unit", () => {
  const settings = new Map(
    [...read("rolebook.service").matchAll(/^([A-Za-z]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );

  it("runs the controller on this machine's own address, in the folder that it is given", () => {
    const [program = "", ...words] = settings.get("ExecStart")?.split(" ") ?? [];
    expect(program).toMatch(/\/rolebook$/);
    const options = optionsOf(words);
    expect(options.get("--host")).toBe("127.0.0.1");
    expect(options.get("--port")).toBe(String(PORT));
    expect(options.get("--clone")).toBe(`/var/lib/${settings.get("StateDirectory")}`);
    expect(settings.get("WorkingDirectory")).toBe(options.get("--clone"));
  });

  it("stops it by the signal that it finishes on, telling nobody else, and hides the rest of the machine from it", () => {
    expect([settings.get("KillSignal"), settings.get("KillMode"), settings.get("Type")]).toEqual([
      "SIGTERM",
      "mixed",
      "exec",
    ]);
    const grace = /terminationGracePeriodSeconds: (\d+)/.exec(read("kubernetes.yaml"))?.[1];
    expect(settings.get("TimeoutStopSec")).toBe(grace);
    for (const name of ["DynamicUser", "NoNewPrivileges", "PrivateTmp", "ProtectHome"])
      expect(settings.get(name), name).toBe("yes");
    expect(settings.get("ProtectSystem")).toBe("strict");
    // Its own socket, and the network.
    expect(settings.get("RestrictAddressFamilies")).toBe("AF_UNIX AF_INET AF_INET6");
  });
});

interface Container {
  readonly args: readonly string[];
  readonly ports: unknown;
  readonly livenessProbe: { readonly httpGet: unknown };
  readonly readinessProbe: { readonly httpGet: unknown };
  readonly volumeMounts: readonly { readonly mountPath: string }[];
  readonly securityContext: unknown;
}

interface Deployment {
  readonly replicas: number;
  readonly template: {
    readonly metadata: { readonly labels: unknown; readonly annotations: Readonly<Record<string, string>> };
    readonly spec: {
      readonly securityContext: unknown;
      readonly automountServiceAccountToken: boolean;
      readonly containers: readonly [Container];
    };
  };
}

interface Service {
  readonly ports: unknown;
  readonly selector: unknown;
}

interface Ingress {
  readonly rules: readonly { readonly http: { readonly paths: readonly object[] } }[];
}

describe("the Kubernetes manifest", () => {
  const manifests = loadAll(read("kubernetes.yaml")) as { readonly kind: string; readonly spec: unknown }[];
  const specOf = (kind: string) => manifests.find((manifest) => manifest.kind === kind)?.spec;
  const deployment = specOf("Deployment") as Deployment;
  const service = specOf("Service") as Service;
  const ingress = specOf("Ingress") as Ingress;
  const pod = deployment.template.spec;
  const [container] = pod.containers;

  it("runs one controller, on the port that its probes, its service and its scraper ask", () => {
    const options = optionsOf(container.args);
    expect(deployment).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(options.get("--port")).toBe(String(PORT));
    expect(options.get("--host")).toBe("0.0.0.0");
    expect(container.ports).toEqual([{ name: "http", containerPort: PORT }]);
    expect(container.livenessProbe.httpGet).toEqual({ path: HEALTH_PATH, port: "http" });
    expect(container.readinessProbe.httpGet).toEqual({ path: READY_PATH, port: "http" });
    expect(service.ports).toMatchObject([{ targetPort: "http" }]);
    expect(deployment.template.metadata.annotations["prometheus.io/port"]).toBe(String(PORT));
    expect(service.selector).toEqual(deployment.template.metadata.labels);
  });

  it("lets it write its clones and /tmp, and nothing else, as nobody in particular", () => {
    const options = optionsOf(container.args);
    expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toEqual([options.get("--clone"), "/tmp"]);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 });
    expect(pod.automountServiceAccountToken).toBe(false);
  });

  it("shows the outside the webhooks alone", () => {
    const paths = ingress.rules.flatMap(({ http }) => http.paths);
    expect(paths).toMatchObject([
      { path: WEBHOOK_PATH, pathType: "Exact", backend: { service: { name: "rolebook" } } },
    ]);
  });
});
