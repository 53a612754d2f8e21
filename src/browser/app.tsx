// The page: what was reviewed, the figures, and one of five views below them.
import type { ComponentChildren } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { Counts } from "./counts.tsx";
import { Grants } from "./grants.tsx";
import { Header } from "./header.tsx";
import { History } from "./history.tsx";
import { Keys } from "./keys.tsx";
import { LinksProvider, linksOf } from "./links.tsx";
import { NavigationProvider, useNavigation, useView } from "./navigation.ts";
import { Overview } from "./overview.tsx";
import { Person } from "./person.tsx";
import type { Review } from "./review.ts";
import { Tiles } from "./tiles.tsx";
import { START, TABS, type Tab } from "./view.ts";
import { clip, number } from "./words.ts";

export function App({ review }: { review: Review }) {
  const navigation = useView();
  const links = useMemo(() => linksOf(review.packed), [review]);
  const main = useRef<HTMLElement>(null);
  const chosen = navigation.view.person === "" ? undefined : review.personNamed(navigation.view.person);
  return (
    <NavigationProvider value={navigation}>
      <LinksProvider value={links}>
        <div class={`frame screen at-${navigation.view.tab}`}>
          <button type="button" class="skip" onClick={() => main.current?.focus()}>
            Skip to the content
          </button>
          <Header review={review} />
          {navigation.view.person === "" || chosen ? null : (
            <p role="status" class="card">
              {`Nobody in this report is called ${clip(navigation.view.person, 80)}: they may be in an older one.`}
            </p>
          )}
          <Tiles review={review} />
          <Tabs review={review} />
          <main ref={main} tabIndex={-1} aria-label={TAB_NAMES[navigation.view.tab]}>
            <Content review={review} tab={navigation.view.tab} />
          </main>
          <footer class="quiet">
            <p>{`Made by ${review.packed.tool}. One file, nothing fetched: what you see was true at the moment above.`}</p>
          </footer>
        </div>
        {chosen ? <Person key={chosen.member} review={review} person={chosen} /> : null}
      </LinksProvider>
    </NavigationProvider>
  );
}

const TAB_NAMES: Readonly<Record<Tab, string>> = {
  overview: "Overview",
  grants: "Grants",
  groups: "Groups",
  keys: "Keys",
  history: "History",
};

function Content({ review, tab }: { review: Review; tab: Tab }): ComponentChildren {
  switch (tab) {
    case "overview":
      return <Overview review={review} />;
    case "grants":
      return <Grants review={review} />;
    case "groups":
      return <Counts review={review} />;
    case "keys":
      return <Keys review={review} />;
    case "history":
      return <History review={review} />;
    default:
      return tab satisfies never;
  }
}

function Tabs({ review }: { review: Review }) {
  const { view, go } = useNavigation();
  const { packed } = review;
  const sizes: Readonly<Record<Tab, number | undefined>> = {
    overview: undefined,
    grants: review.count,
    groups: packed.groups.name.length,
    keys: packed.keys.name.length,
    history: packed.changes?.member.length,
  };
  return (
    <nav class="tabs" aria-label="Views">
      {TABS.map((tab) => (
        <button
          key={tab}
          type="button"
          aria-current={view.tab === tab ? "page" : undefined}
          onClick={() => go((before) => ({ ...before, tab, person: START.person }))}
        >
          {TAB_NAMES[tab]}
          {sizes[tab] === undefined ? null : <span class="size">{number(sizes[tab])}</span>}
        </button>
      ))}
    </nav>
  );
}
