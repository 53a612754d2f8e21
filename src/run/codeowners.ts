// `rolebook codeowners`: the part of .github/CODEOWNERS that follows from the settings, written between two markers, or checked.
import { type CommonOptions, type Context, type ExitCode, OperatorError } from "./context.ts";

export interface CodeownersOptions extends CommonOptions {
  /** Change nothing; exit 1 when the file is not what the settings say. */
  readonly check: boolean;
}

export async function runCodeowners(_context: Context, _options: CodeownersOptions): Promise<ExitCode> {
  throw new OperatorError("not built yet");
}
