// `rolebook history` and its options.
import { type Command, Option } from "commander";
import { type Context, DEFAULT_POLICIES, type ExitCode } from "./context.ts";

type Choose = (run: (context: Context) => Promise<ExitCode>) => void;

/** Adds `history <member|group>`. */
export function addHistory(program: Command, choose: Choose): void {
  program
    .command("history")
    .description("the story of an access: who gave it when, who agreed, what changed, what was reviewed")
    .argument("<name>", "a member's or a group's name, also a former one")
    .option("--target <name>", "only this target; all targets of the settings without it")
    .option("--policies <dir>", "the policy folder", DEFAULT_POLICIES)
    .option("--resource <name>", "only what concerns this resource")
    .addOption(new Option("--format <format>", "how to show the story").choices(["human", "json"]).default("human"))
    .option("--output <file>", "write the story to a file instead of standard output")
    .option("--full", "fold nothing", false)
    .option("--offline", "do not fetch from the Git remote", false)
    .action((name, options) =>
      choose(async (context) => (await import("./history.ts")).runHistory(context, name, options)),
    );
}
