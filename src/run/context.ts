// What a command may use of the world, handed in so that tests can hand in another one.
// Commands return an exit code; they never end the process.
import type { KeptSecrets } from "./kept.ts";

export interface Context {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The only clock. */
  readonly now: () => Date;
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress, logs and questions. */
  readonly err: (text: string) => void;
  readonly terminal: {
    readonly stdin: boolean;
    readonly stdout: boolean;
    readonly stderr: boolean;
    /** Colour on standard output. */
    readonly color: boolean;
    /** Columns of standard output; 80 when it is no terminal. */
    readonly width: number;
  };
  /** Asks a yes-or-no question at the terminal; no is the default. Only called when there is one. */
  readonly ask: (question: string) => Promise<boolean>;
  /** Registers what to do on the first SIGINT or SIGTERM instead of ending at once; returns how to take that back. */
  readonly onStop: (handler: () => void) => () => void;
  /** Told every secret that is read or made, so that none is shown. Whoever has none shows text as it comes. */
  readonly secrets?: KeptSecrets;
  /** Rolebook's version. */
  readonly version: string;
  /** What exactly is running: a digest of the sources it was built from. Undefined when it runs from source. */
  readonly build: string | undefined;
}

/** Exit codes, as documented in the README. */
export const EXIT = { done: 0, refused: 1, changes: 2, usage: 64, bug: 70 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Where policies are unless told otherwise. */
export const DEFAULT_POLICIES = "policies";

/** Options that every command about policies has. */
export interface CommonOptions {
  /** The policy folder, relative to the working directory. */
  readonly policies: string;
  /** Only this target; every target of the settings when absent. */
  readonly target?: string;
}

/** Options of commands that have a result to show. */
export interface ResultOptions extends CommonOptions {
  readonly format: string;
  /** Write the result to this file instead of standard output. */
  readonly output?: string;
}

/** Options of commands that judge. */
export interface JudgingOptions extends ResultOptions {
  /** Warnings count as errors in the exit code. */
  readonly strict: boolean;
}

/** The worst of several exit codes: refused, then changes, then done. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  if (codes.includes(EXIT.refused)) return EXIT.refused;
  return codes.includes(EXIT.changes) ? EXIT.changes : EXIT.done;
}

/** Something the operator has to put right before the command can run; shown as one message, exit 1. */
export class OperatorError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = "OperatorError";
    this.hint = hint;
  }
}

/** A command line that says too little, too much or what cannot be together; shown as one message, exit 64. */
export class UsageError extends OperatorError {
  constructor(message: string, hint?: string) {
    super(message, hint);
    this.name = "UsageError";
  }
}
