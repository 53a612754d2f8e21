// `rolebook controller`: the loop that runs the same commands on webhooks and on schedule. All its state is in Git.
import { type CommonOptions, type Context, type ExitCode, OperatorError } from "../run/context.ts";

export interface ControllerOptions extends CommonOptions {
  /** URL of the repository to clone and follow; the one the working directory is in without it. */
  readonly repository?: string;
  /** Where the clone is kept. It may be lost at any time. */
  readonly clone?: string;
  readonly host: string;
  readonly port: number;
}

export async function runController(_context: Context, _options: ControllerOptions): Promise<ExitCode> {
  throw new OperatorError("not built yet");
}
