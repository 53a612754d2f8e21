// What Git refused, in words a person can act on. Every message passes through `redact`, so that a
// password in a remote's URL never reaches a log, a plan or a terminal.

/** Git failed, or the repository is not in a shape that Rolebook can work with. Carries no secret. */
export class GitError extends Error {
  /** What to do about it. */
  readonly hint: string | undefined;
  constructor(message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(redact(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "GitError";
    this.hint = options.hint;
  }
}

/** A ref was not where the caller had last seen it: somebody else moved it. Read it again and retry. */
export class RefMovedError extends GitError {
  readonly ref: string;
  /** Object ids; null where there is or was no such ref. */
  readonly expected: string | null;
  readonly actual: string | null;
  constructor(ref: string, expected: string | null, actual: string | null) {
    super(`${ref} moved: expected ${expected ?? "none"}, found ${actual ?? "none"}`);
    this.name = "RefMovedError";
    this.ref = ref;
    this.expected = expected;
    this.actual = actual;
  }
}

/** The text without the user part of any URL in it, which may hold a password or a token. */
export function redact(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/'"<>]*@/gi, "$1***@");
}
