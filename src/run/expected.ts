// Errors of the operator, of Git, of the platform and of the Git host are told to people; anything else is ours, and a bug.
import { GitError } from "../git/error.ts";
import { PlatformError } from "../model/driver.ts";
import { HostError } from "../model/host.ts";
import { OperatorError } from "./context.ts";

export function isExpected(error: unknown): error is Error {
  return [OperatorError, PlatformError, GitError, HostError].some((kind) => error instanceof kind);
}
