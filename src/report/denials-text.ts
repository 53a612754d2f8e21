// Where somebody does not hold what was asked about, as text: which condition is missing, and which groups would give it.
// It refuses to leave a missing condition out; of many scopes it shows some and says so.
import type { Denial, Offer } from "../model/answers.ts";
import type { Layer } from "../model/platform.ts";
import { escapeTerminal, MESSAGE_LENGTH, showName } from "./escape.ts";
import { columnsOf, padded, type Screen, wrap } from "./layout.ts";
import { counted, describeScopes, folded, type KnownScopes, listed, sentences } from "./phrase.ts";

export interface DenialOptions extends KnownScopes {
  /** Fold nothing. */
  readonly full: boolean;
}

/** Scopes told with all their conditions, and groups named in a line, without `full`. */
const SCOPES_SHOWN = 12;
const GROUPS_SHOWN = 5;

/** Every scope where it is not held, with what is missing there. */
export function denialLines(screen: Screen, denied: readonly Denial[], options: DenialOptions): string[] {
  const alike = foldDenials(denied);
  const shown = options.full ? alike : alike.slice(0, SCOPES_SHOWN);
  const hidden = alike.slice(shown.length).reduce((sum, { scopes }) => sum + scopes.length, 0);
  return [
    ...shown.flatMap((denial) => lines(screen, denial, options)),
    ...(hidden > 0 ? [`  … nor in ${counted(hidden, "more place")} (--full shows all)`] : []),
  ];
}

interface Alike extends Pick<Denial, "layers" | "offers"> {
  readonly scopes: string[];
}

/** Scopes where the very same is missing, as one; in order of the first. */
function foldDenials(denied: readonly Denial[]): Alike[] {
  const folds = new Map<string, Alike>();
  for (const { layers, offers, scope } of denied) {
    const key = JSON.stringify([layers, offers]);
    const fold = folds.get(key) ?? { layers, offers, scopes: [] };
    fold.scopes.push(scope);
    folds.set(key, fold);
  }
  return [...folds.values()];
}

function lines(screen: Screen, { scopes, layers, offers }: Alike, options: DenialOptions): string[] {
  const where = describeScopes(scopes, options);
  const missing = layers.filter(({ holds }) => !holds).map(({ name }) => showName(name));
  const groups = describeOffers(offers, options.full);
  if (layers.length === 0) return wrap(screen, [{ text: where, style: "bold" }, `: ${groups}`], "  ", "    ");
  const what = `${listed(missing)} ${missing.length === 1 ? "is" : "are"} missing`;
  const width = Math.max(...layers.map(({ name }) => columnsOf(showName(name))));
  return [
    ...wrap(screen, [{ text: where, style: "bold" }, `: ${what}`], "  ", "    "),
    ...layers.flatMap((layer) => layerLines(screen, layer, width)),
    ...(offers.length === 0 ? [] : wrap(screen, [groups], "    ", "      ")),
  ];
}

function layerLines(screen: Screen, { name, holds, because, hint }: Layer, width: number): string[] {
  const said = holds ? because : sentences(because, hint);
  return wrap(
    screen,
    [
      { text: (holds ? "holds" : "missing").padEnd(7), style: holds ? "green" : "red" },
      { text: `  ${padded(showName(name), width)}`, solid: true },
      `  ${escapeTerminal(said, MESSAGE_LENGTH)}`,
    ],
    "    ",
    " ".repeat(4 + 7 + 2 + Math.min(width, screen.width >> 2) + 2),
  );
}

function describeOffers(offers: readonly Offer[], full: boolean): string {
  if (offers.length === 0) return "no group would give it";
  const names = offers.map(({ group, level }) => `${showName(group)} (${showName(level)})`);
  return `would be given by ${folded(names, full ? names.length : GROUPS_SHOWN, (name) => name)}`;
}
