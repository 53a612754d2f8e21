// What chooses grants: words, and one of each kind. What is chosen beside the boxes stands below them, each with a way to take it away.
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo } from "preact/hooks";
import { HEADINGS } from "./grants.tsx";
import { useNavigation } from "./navigation.ts";
import { cell, type Review } from "./review.ts";
import { FILTERS, type Filter, only, SORTS } from "./view.ts";
import { DRIFT_NAMES, RISK_NAMES, reasonName } from "./words.ts";

interface Choice {
  readonly value: string;
  readonly name: string;
}

interface FiltersProps {
  readonly review: Review;
  readonly search: RefObject<HTMLInputElement | null>;
}

export function Filters({ review, search }: FiltersProps) {
  const { view, go } = useNavigation();
  const choices = useMemo(() => choicesOf(review), [review]);
  useSlash(search);
  const chosen = FILTERS.some((name) => view[name] !== "");
  return (
    <div role="search" class="filters" aria-label="Grants">
      <label class="find">
        <span class="unseen">Search the grants</span>
        <input
          ref={search}
          type="search"
          value={view.search}
          placeholder="Search people, groups, resources, approvers…"
          autoComplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => {
            const { value } = currentTarget;
            go((before) => ({ ...before, search: value }), true);
          }}
        />
      </label>
      <div class="picks">
        {choices.targets.length > 1 ? <Pick name="target" title="Target" choices={choices.targets} /> : null}
        <Pick name="scope" title="Where" choices={choices.scopes} />
        <Pick name="level" title="Level" choices={choices.levels} />
        <Pick name="risk" title="Risk" choices={RISKS} />
        <Pick name="why" title="Why" choices={choices.reasons} />
        <Pick name="group" title="Group" choices={choices.groups} />
        <Pick name="drift" title="Drift" choices={DRIFT_CHOICES} />
        <Order />
      </div>
      {chosen ? (
        <div class="chosen">
          {view.who === "" ? null : (
            <button type="button" class="chip" onClick={() => go((before) => ({ ...before, who: "" }))}>
              {`Only ${view.who} `}
              <span aria-hidden="true">×</span>
              <span class="unseen">take away</span>
            </button>
          )}
          <button type="button" class="link" onClick={() => go((before) => only(before, {}))}>
            Clear all
          </button>
        </div>
      ) : null}
    </div>
  );
}

interface PickProps {
  readonly name: Filter;
  readonly title: string;
  readonly choices: readonly Choice[];
}

function Pick({ name, title, choices }: PickProps) {
  const { view, go } = useNavigation();
  const value = view[name];
  // What came with a link may be none of the choices, and is chosen all the same.
  const other = value !== "" && !choices.some((choice) => choice.value === value);
  return (
    <label class={`pick ${value === "" ? "" : "on"}`}>
      <span>{title}</span>
      <select value={value} onChange={({ currentTarget }) => pick(currentTarget.value)}>
        <option value="">any</option>
        {other ? <option value={value}>{value.split(",").map(reasonName).join(" or ")}</option> : null}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.name}
          </option>
        ))}
      </select>
    </label>
  );

  function pick(picked: string) {
    go((before) => ({ ...before, [name]: picked }));
  }
}

/** Where the table has no headings to press: on a phone. */
function Order() {
  const { view, go } = useNavigation();
  return (
    <label class="pick order">
      <span>Order</span>
      <select
        value={`${view.descending ? "-" : ""}${view.sort}`}
        onChange={({ currentTarget }) => {
          const { value } = currentTarget;
          const sort = SORTS.find((name) => name === value.replace("-", "")) ?? "risk";
          go((before) => ({ ...before, sort, descending: value.startsWith("-") }));
        }}
      >
        {HEADINGS.flatMap(({ sort, title }) => [
          <option key={sort} value={sort}>{`${title} ↑`}</option>,
          <option key={`-${sort}`} value={`-${sort}`}>{`${title} ↓`}</option>,
        ])}
      </select>
    </label>
  );
}

/** `/` goes to the search, wherever nobody is typing. */
function useSlash(search: RefObject<HTMLInputElement | null>): void {
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest("input, select, textarea, dialog");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      search.current?.focus();
      search.current?.select();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [search]);
}

const RISKS: readonly Choice[] = [
  { value: "medium", name: `${RISK_NAMES.medium} or more` },
  { value: "high", name: `${RISK_NAMES.high} or more` },
  { value: "critical", name: RISK_NAMES.critical },
];

const DRIFT_CHOICES: readonly Choice[] = Object.entries(DRIFT_NAMES).map(([value, name]) => ({ value, name }));

interface Choices {
  readonly targets: readonly Choice[];
  readonly scopes: readonly Choice[];
  readonly levels: readonly Choice[];
  readonly reasons: readonly Choice[];
  readonly groups: readonly Choice[];
}

function choicesOf(review: Review): Choices {
  const { packed, rows } = review;
  const named = (values: Iterable<string>) => [...new Set(values)].map((value) => ({ value, name: value }));
  const strongest = new Map<number, number>();
  for (const [row, level] of rows.level.entries())
    strongest.set(level, Math.max(strongest.get(level) ?? 0, rows.strength[row] ?? 0));
  const levels = [...strongest].sort(([, a], [, b]) => a - b).map(([level]) => review.text(level) ?? "");
  const groups = new Set(packed.paths.group.flatMap((group) => review.text(group) ?? []));
  const codes = new Set(packed.reasons.code.map((_, at) => review.text(cell(packed.reasons.code, at)) ?? ""));
  return {
    targets: named(packed.targets.map(({ name }) => name)),
    scopes: named(packed.targets.flatMap(({ scopes }) => scopes)),
    levels: named(levels),
    reasons: [...codes].map((value) => ({ value, name: reasonName(value) })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    groups: named([...groups].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))),
  };
}
