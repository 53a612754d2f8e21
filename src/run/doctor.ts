// `rolebook doctor`: whether two-person control really holds: the repository's rules, the workflows, the credentials. Only looks.
import { type Context, type ExitCode, type JudgingOptions, OperatorError } from "./context.ts";

export async function runDoctor(_context: Context, _options: JudgingOptions): Promise<ExitCode> {
  throw new OperatorError("not built yet");
}
