// Whether a change by itself gives people something or takes something away.
import type { Change } from "../../model/change.ts";
import type { AccessView } from "../../model/platform.ts";

/** See `Platform.effectOf`. */
export function effectOf(
  _change: Pick<Change, "action" | "kind" | "section" | "local">,
  _before: AccessView,
  _after: AccessView,
): { readonly gives: boolean; readonly takes: boolean } {
  return { gives: false, takes: false };
}
