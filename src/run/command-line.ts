// The commands and their options, and what happens to errors on the way out. Every command is loaded when
// it is called for, so that `validate` never pays for an HTTP client.
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { escapeLines, escapeResult } from "../report/escape.ts";
import { type CommonOptions, type Context, DEFAULT_POLICIES, EXIT, type ExitCode, UsageError } from "./context.ts";
import { isExpected } from "./expected.ts";
import { addHistory } from "./history-commands.ts";
import { parseInstant } from "./instant.ts";
import { addReviewing } from "./review-commands.ts";

export type Run = (context: Context) => Promise<ExitCode>;

/** Commands that stand above this folder. */
export interface OuterCommands {
  readonly controller: (context: Context, options: OuterOptions) => Promise<ExitCode>;
}

export interface OuterOptions extends CommonOptions {
  readonly repository?: string;
  readonly clone?: string;
  readonly host: string;
  readonly port: number;
}

/** Parses arguments (without `node` and the script) and runs the command. Returns the exit code; throws nothing. */
export async function runCommandLine(
  process: Context,
  argv: readonly string[],
  outer: OuterCommands,
): Promise<ExitCode> {
  const context = harmless(process);
  let chosen: Run | undefined;
  const choose = (run: Run) => {
    chosen = run;
  };
  // The controller's log is JSON, and harmless already.
  const controller: OuterCommands["controller"] = (_, options) => outer.controller(process, options);
  const program = buildProgram(context, choose, { controller });
  try {
    program.parse([...argv], { from: "user" });
    if (!chosen) {
      context.err(program.helpInformation());
      return EXIT.usage;
    }
    return await chosen(context);
  } catch (error) {
    return exitOf(context, error);
  }
}

/** Whatever a command says, no name and no error's text can command the terminal or the log that shows it, and no secret is in it. */
function harmless(context: Context): Context {
  const strike = context.secrets?.strike ?? ((text: string) => text);
  return {
    ...context,
    out: (text) => context.out(escapeResult(strike(text))),
    err: (text) => context.err(escapeLines(strike(text), context.terminal.color)),
  };
}

function exitOf(context: Context, error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (isExpected(error)) {
    const hint = "hint" in error && typeof error.hint === "string" ? `${error.hint}\n` : "";
    context.err(escapeLines(`${error.message}${/[.!?]$/.test(error.message) ? "" : "."}\n${hint}`, false));
    return error instanceof UsageError ? EXIT.usage : EXIT.refused;
  }
  context.err(`This is a bug in Rolebook (${context.version}). Nothing more was done.\n`);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  context.err(`${context.secrets?.strikeBug(stack) ?? stack}\n`);
  return EXIT.bug;
}

function buildProgram(context: Context, choose: (run: Run) => void, outer: OuterCommands): Command {
  const program = new Command("rolebook")
    .description("Access as code: roles, groups and memberships as YAML in Git, checked, planned, approved, applied.")
    .version(context.version)
    .exitOverride()
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .showHelpAfterError("(rolebook --help lists the commands and options)");
  addChecking(program, choose);
  addPlanning(program, choose);
  addAnswering(program, choose);
  addImagining(program, choose);
  addKeys(program, choose);
  addReviewing(program, choose);
  addHistory(program, choose);
  addStarting(program, choose);
  addWatching(program, choose, outer);
  for (const command of program.commands)
    command.exitOverride().configureOutput({ writeOut: context.out, writeErr: context.err });
  return program;
}

/** Options of every command about policies. */
function common(command: Command): Command {
  return command
    .option("--target <name>", "only this target; all targets of the settings without it")
    .option("--policies <dir>", "the policy folder", DEFAULT_POLICIES);
}

/** Options of commands with a result to show. */
function showing(command: Command, formats: readonly string[]): Command {
  return common(command)
    .addOption(new Option("--format <format>", "how to show the result").choices(formats).default(formats[0]))
    .option("--output <file>", "write the result to a file instead of standard output");
}

/** Options of commands that judge. */
function judging(command: Command, formats: readonly string[]): Command {
  return showing(command, formats).option("--strict", "warnings count as errors in the exit code", false);
}

const NOW = () =>
  new Option("--now <instant>", "judge ends of access as of this instant (ISO 8601)").argParser(parseInstant);
const CONNECTIONS = () => new Option("--connections <number>", "HTTP connections in parallel").argParser(parsePositive);
const OVERWRITE = () =>
  new Option("--overwrite <key>", "settle the conflict of this entity in favour of Git (may be repeated)")
    .argParser(collect)
    .default([], "none");

function addChecking(program: Command, choose: (run: Run) => void): void {
  judging(program.command("validate").description("check the files: schema, references, platform rules"), [
    "human",
    "json",
    "sarif",
    "github",
  ])
    .addOption(NOW())
    .action((options) => choose(async (context) => (await import("./validate.ts")).runValidate(context, options)));
  common(program.command("fmt").description("lay the files out canonically; comments are kept"))
    .option("--check", "change nothing; exit 1 when a file would change", false)
    .action((options) => choose(async (context) => (await import("./fmt.ts")).runFormat(context, options)));
}

function addPlanning(program: Command, choose: (run: Run) => void): void {
  const planning = (command: Command) =>
    judging(command, ["human", "json", "markdown"])
      .addOption(OVERWRITE())
      .addOption(NOW())
      .addOption(CONNECTIONS())
      .option("--full", "fold nothing", false)
      .option("--offline", "do not ask the Git remote what was applied last", false);
  planning(program.command("plan").description("show what would change, and for whom; changes nothing"))
    .option("--pull-request <number>", "what merging this pull request would do, told on it; `all` for every open one")
    .option("--quiet", "with --pull-request: tell nobody", false)
    .option("--sarif <file>", "with --pull-request: write the findings to this file as SARIF")
    .action((options) =>
      choose(async (context) =>
        options.pullRequest === undefined
          ? (await import("./plan.ts")).runPlan(context, options)
          : (await import("./pull.ts")).runPlanPull(context, options),
      ),
    );
  planning(program.command("drift").description("show what changed on the platform behind Git's back"))
    .option("--propose", "keep one pull request a target that adopts or undoes it", false)
    .action((options) =>
      choose(async (context) =>
        options.propose
          ? (await import("./drift-propose.ts")).runProposeDrift(context, options)
          : (await import("./drift.ts")).runDrift(context, options),
      ),
    );
  common(program.command("apply").description("make the approved changes, prove it, record it"))
    .addOption(new Option("--format <format>", "how to show the receipt").choices(["human", "json"]).default("human"))
    .option("--approve <digest>", "approve exactly the plan with this digest")
    .option("--plan <file>", "with --approve: the plan file of that digest; what has changed since is held")
    .addOption(OVERWRITE())
    .addOption(CONNECTIONS())
    .option("--full", "fold nothing", false)
    .option("--offline", "do not fetch from or push to the Git remote", false)
    .option("--merged", "apply what was merged, merge by merge: of each what its reviews approved", false)
    .addOption(
      new Option("--break-glass <reason>", "apply without approval, as a member whom the settings name for emergencies")
        // What is merged is approved by reviews; an emergency is of what is checked out.
        .conflicts("merged"),
    )
    .action((options) =>
      choose(async (context) =>
        options.merged
          ? (await import("./apply-merged.ts")).runApplyMerged(context, options)
          : (await import("./apply.ts")).runApply(context, options),
      ),
    );
}

function addWatching(program: Command, choose: (run: Run) => void, outer: OuterCommands): void {
  common(program.command("codeowners").description("write the part of .github/CODEOWNERS that the settings imply"))
    .option("--check", "change nothing; exit 1 when the file is not what the settings say", false)
    .action((options) => choose(async (context) => (await import("./codeowners.ts")).runCodeowners(context, options)));
  judging(program.command("doctor").description("say whether two-person control really holds, and how to mend it"), [
    "human",
    "json",
  ]).action((options) => choose(async (context) => (await import("./doctor.ts")).runDoctor(context, options)));
  common(program.command("controller").description("keep platform and repository in step, around the clock"))
    .option("--repository <url>", "the repository to follow; the one around the working directory without it")
    .option("--clone <dir>", "where the clone is kept")
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .addOption(new Option("--port <number>", "0 picks a free one").argParser(parsePort).default(8080))
    .action((options) => choose((context) => outer.controller(context, options)));
}

function addAnswering(program: Command, choose: (run: Run) => void): void {
  const answering = (command: Command) =>
    showing(command, ["human", "json"])
      .option("--environment <name>", "only in this environment, project or other scope")
      .option("--live", "answer from the platform instead of the files", false)
      .addOption(
        new Option("--at <when>", "answer of the past: a date, an instant, or a commit when it was applied").conflicts([
          "live",
          "now",
        ]),
      )
      .option("--offline", "with --at: do not fetch what was applied from the Git remote", false)
      .option("--full", "list everyone", false)
      .addOption(NOW());
  answering(
    program
      .command("explain <member> [resource]")
      .description("why a person has an access, with the lines that give it"),
  ).action((member, resource, options) =>
    choose(async (context) => (await import("./answers.ts")).runExplain(context, member, resource, options)),
  );
  answering(program.command("who-can <level> <resource>").description("who has an access")).action(
    (level, resource, options) =>
      choose(async (context) => (await import("./answers.ts")).runWhoCan(context, level, resource, options)),
  );
}

function addImagining(program: Command, choose: (run: Run) => void): void {
  const several = (flags: string, about: string) =>
    new Option(flags, `${about} (may be repeated)`).argParser(collect).default([], "none");
  showing(program.command("what-if").description("what people would lose or keep without something, or by an edit"), [
    "human",
    "json",
  ])
    .addOption(
      several("--remove <name>", "without the group, member, role or other thing of this name; KIND:NAME picks"),
    )
    .addOption(several("--membership <member in group>", "without this membership"))
    .addOption(
      several("--edit <path>", "with the uncommitted edits of this policy file or folder; PATH=FILE takes FILE"),
    )
    .addOption(new Option("--live", "start from the platform instead of the files").default(false).conflicts("edit"))
    .option("--full", "fold nothing", false)
    .addOption(NOW())
    .action((options) => choose(async (context) => (await import("./what-if.ts")).runWhatIf(context, options)));
}

function addKeys(program: Command, choose: (run: Run) => void): void {
  showing(program.command("keys").description("keys that programs use: list, issue, rotate and revoke them"), [
    "human",
    "json",
  ])
    .addArgument(
      new Argument("[action]", "what to do").choices(["list", "log", "issue", "rotate", "revoke"]).default("list"),
    )
    .argument("[name]", "the key's name, as its file writes it")
    .option("--sink <sink>", "where a new key goes: github-secret:OWNER/REPO/NAME, file:PATH or command:COMMAND")
    .addOption(
      new Option(
        "--grace <time>",
        "with rotate: how long the old key goes on (0s, 30m, 24h, 7d); 24h without it",
      ).argParser(parseTime),
    )
    .option("--other-sink", "the sink takes the place of the one that this was begun with", false)
    .option("--compromised", "with rotate: revoke the old key first", false)
    .option("--key <id>", "with revoke: only the key with this id")
    .option("--yes", "with revoke: do not ask", false)
    .option("--offline", "do not fetch from or push to the Git remote", false)
    .addOption(NOW())
    .action((action, name, options) =>
      choose(async (context) => (await import("./keys.ts")).runKeys(context, action, name, options)),
    );
}

function addStarting(program: Command, choose: (run: Run) => void): void {
  common(program.command("import").description("write the files for what is live and not declared yet")).action(
    (options: CommonOptions) => choose(async (context) => (await import("./import.ts")).runImport(context, options)),
  );
  program
    .command("init")
    .description("start a policy repository: settings, folders with examples, schemas for the editor")
    .argument("[dir]", "where", ".")
    .option("--target <name>", "the target's name", "acme")
    .option("--platform <name>", "the platform", "atomic")
    .option("--url <url>", "where the platform's API is", "http://127.0.0.1:4010")
    .option(
      "--organization <id>",
      "the organization's id (or domain's name) on the platform; the target's name without it",
    )
    .option(
      "--action <repository@commit>",
      "write GitHub workflows as well, which take Rolebook from this repository at this commit",
    )
    .action((dir, options) => choose(async (context) => (await import("./init.ts")).runInit(context, dir, options)));
  program
    .command("simulate")
    .description("run the local platform server in the foreground")
    .addOption(new Option("--port <number>", "0 picks a free one").argParser(parsePort).default(4010))
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--seed <seed>", "what to start with: acme, empty, or a file", "acme")
    .option("--state <file>", "keep everything in this file")
    .addOption(new Option("--latency <ms>", "added to every answer").argParser(parseCount).default(0))
    .action((options) => choose(async (context) => (await import("./simulate.ts")).runSimulate(context, options)));
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `24h`. */
function parseTime(text: string): number {
  const [, count, unit = ""] = /^(\d{1,5})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? Number.NaN);
  if (Number.isNaN(seconds)) throw new InvalidArgumentError("a time looks like 0s, 30m, 24h or 7d");
  return seconds;
}

function parseCount(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError("a whole number");
  return Number(text);
}

function parsePositive(text: string): number {
  const count = parseCount(text);
  if (count < 1 || count > 64) throw new InvalidArgumentError("a whole number from 1 to 64");
  return count;
}

function parsePort(text: string): number {
  const port = parseCount(text);
  if (port > 65_535) throw new InvalidArgumentError("a port from 0 to 65535");
  return port;
}
