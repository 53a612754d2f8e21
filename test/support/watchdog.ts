// Keeps a controller of a forge's world running, and kills it now and then (SIGKILL, at moments drawn by a seed), its clones kept or lost.
//
//   const watchdog = guard(forge, { kills: 20, seed: 7 });
//   await watchdog.end();
import { rmSync } from "node:fs";
import { type ControllerProcess, newFolder, spawnController } from "./controller.ts";
import { dice } from "./dice.ts";
import type { Forge } from "./forge.ts";

export interface Watchdog {
  readonly killed: () => number;
  /** Nobody is killed for now. */
  readonly calm: (isCalm: boolean) => void;
  readonly current: () => ControllerProcess;
  readonly logs: () => string;
  readonly end: () => Promise<void>;
}

export interface GuardOptions {
  readonly kills: number;
  /** Draws the moments. */
  readonly seed: number;
  /** How often it is a write that is waited for, and not any request: from 0 to 1. */
  readonly writes?: number;
}

/** Keeps a controller running, as systemd would, and kills it so many times: at a request, at a write, before and after. */
export function guard(forge: Forge, { kills, seed, writes = 0.6 }: GuardOptions): Watchdog {
  const random = dice(seed);
  const folder = newFolder();
  const logs: string[] = [];
  let [killed, left, isCalm, ending, onlyWrites] = [0, Number.POSITIVE_INFINITY, false, false, false];
  let current: ControllerProcess;
  const draw = () => {
    onlyWrites = random() < writes;
    left = killed < kills ? 1 + Math.floor(random() * (onlyWrites ? 6 : 60)) : Number.POSITIVE_INFINITY;
  };
  const tick = (isWrite: boolean) => {
    if (isCalm || (onlyWrites && !isWrite)) return;
    left -= 1;
    if (left !== 0) return;
    killed += 1;
    current.child.kill("SIGKILL");
  };
  const start = () => {
    draw();
    current = spawnController(forge, { folder });
    const mine = current;
    void current.ended.then(() => {
      logs.push(mine.stderr());
      if (ending) return;
      if (random() < 0.4) rmSync(folder, { recursive: true, force: true });
      start();
    });
  };
  forge.github.onRequest(({ method }) => tick(method !== "GET" && method !== "FETCH"));
  const forget = forge.simulator.onWrite((_, phase) => phase !== undefined && tick(true));
  start();
  return {
    killed: () => killed,
    calm: (value) => {
      isCalm = value;
    },
    current: () => current,
    logs: () => [...logs.slice(-2), current.stderr()].join("\n--- killed ---\n"),
    end: async () => {
      ending = true;
      forge.github.onRequest(undefined);
      forget();
      await current.kill();
    },
  };
}
