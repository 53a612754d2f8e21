// What went wrong with something on the other side of the network, in words for people. It carries no secret.

/** It refused, failed or could not be reached. */
export class RemoteError extends Error {
  /** What to do about it. */
  readonly hint: string | undefined;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  constructor(
    message: string,
    options: { readonly status?: number; readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.status = options.status;
  }
}
