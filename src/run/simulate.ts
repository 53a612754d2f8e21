// `rolebook simulate`: the local platform server, in the foreground, until it is told to stop.
import { serve } from "../simulator/serve.ts";
import { type Context, EXIT, type ExitCode } from "./context.ts";

export interface SimulateOptions {
  readonly port: number;
  readonly host: string;
  readonly state?: string;
  readonly seed: string;
  readonly latency: number;
}

/** Serves until SIGINT or SIGTERM. */
export async function runSimulate(context: Context, options: SimulateOptions): Promise<ExitCode> {
  const stopped = new Promise<void>((resolve) => {
    context.onStop(resolve);
  });
  const { port, host, seed, latency, state } = options;
  const simulator = await serve(
    { port, host, seed, latencyMs: latency, ...(state === undefined ? {} : { stateFile: state }) },
    (line) => context.out(`${line}\n`),
  );
  await stopped;
  await simulator.close();
  return EXIT.done;
}
