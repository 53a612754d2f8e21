// Where a new key goes: a secret of GitHub Actions, a file, a command's standard input. A sink is given the secret once and says
// what became of it; it never puts it into an argument, the environment, a log or a message.
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { openHostSecrets } from "../git/host-secrets.ts";
import { HostError } from "../model/host.ts";
import type { Secret } from "../model/keys.ts";
import type { SinkKind, SinkMark } from "../model/rotation.ts";
import { type Context, OperatorError } from "./context.ts";
import { hostOptionsFor } from "./host.ts";
import { deliverToCommand } from "./keys-command.ts";
import { deliverToFile, prepareFile } from "./keys-file.ts";

/** What became of a delivery. `because` is a sentence's end for people, and may be recorded. */
export type Delivery =
  /** `undo` gives the sink back what it held before; absent where nobody knows that. */
  | { readonly kind: "delivered"; readonly undo?: () => Promise<void> }
  /** The sink surely holds what it held before. */
  | { readonly kind: "failed"; readonly because: string }
  /** It may hold the new secret. */
  | { readonly kind: "unknown"; readonly because: string };

export interface Sink {
  readonly mark: SinkMark;
  /** As messages name it. A command's text is not shown: it may hold what is nobody's business. */
  readonly shown: string;
  /** Finds out what can be known before a key is made. Throws `OperatorError` or `HostError`. */
  readonly prepare: () => Promise<void>;
  /** Never throws for a delivery that fails. */
  readonly deliver: (secret: Secret) => Promise<Delivery>;
}

/** Opens the sink that `--sink` names. `hidden`: environment variables that no command is to see. Throws `OperatorError` for what names none. */
export function openSink(context: Context, text: string, hidden: ReadonlySet<string>): Sink {
  const [, kind, rest = ""] = /^(github-secret|file|command):(.+)$/s.exec(text) ?? [];
  switch (kind) {
    case "github-secret":
      return openGitHubSink(context, rest);
    case "file": {
      const path = resolve(context.cwd, rest);
      return {
        mark: markOf("file", path),
        shown: `the file ${rest}`,
        prepare: () => prepareFile(path),
        deliver: (secret) => deliverToFile(path, secret),
      };
    }
    case "command":
      return {
        mark: markOf("command", rest),
        shown: "the command",
        prepare: async () => {},
        deliver: (secret) => deliverToCommand(context, rest, secret, hidden),
      };
    default:
      throw new OperatorError(
        "--sink names no sink",
        "It is github-secret:OWNER/REPO/NAME (or OWNER/REPO/ENVIRONMENT/NAME), file:PATH or command:COMMAND.",
      );
  }
}

function openGitHubSink(context: Context, text: string): Sink {
  const [, repository, environment, name] = /^([\w.-]+\/[\w.-]+)\/(?:(.+)\/)?([A-Za-z_]\w*)$/s.exec(text) ?? [];
  if (repository === undefined || name === undefined)
    throw new OperatorError(
      "--sink github-secret names no secret",
      "It is github-secret:OWNER/REPO/NAME, or OWNER/REPO/ENVIRONMENT/NAME; a name has letters, digits and _ only.",
    );
  const place = environment === undefined ? { name } : { name, environment };
  const secrets = openHostSecrets(hostOptionsFor(context, repository));
  return {
    mark: markOf("github-secret", text),
    shown: `the secret ${name} of ${repository}${environment === undefined ? "" : ` (environment ${environment})`}`,
    prepare: () => secrets.check(place),
    deliver: async (secret) => {
      try {
        await secrets.put(place, secret);
        return { kind: "delivered" };
      } catch (error) {
        if (!(error instanceof HostError)) throw error;
        const { status, message } = error;
        // A plain refusal changed nothing; an answer that was lost may have.
        return { kind: status !== undefined && status >= 400 && status < 500 ? "failed" : "unknown", because: message };
      }
    },
  };
}

/** Whether two are the same can be told by it; what they are cannot. */
function markOf(kind: SinkKind, text: string): SinkMark {
  return { kind, digest: createHash("sha256").update(`${kind}:${text}`).digest("hex").slice(0, 8) };
}
