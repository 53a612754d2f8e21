// The small parts that the status page is put together from: links that lead to the web or nowhere, instants, badges. Every text that
// passes here is made visible first.
import type { ComponentChildren } from "preact";
import { escapeTerminal } from "./escape.ts";

export type Mood = "good" | "wait" | "bad";

export interface Links {
  readonly commit: (id: string) => string | undefined;
  readonly pull: (number: number) => string | undefined;
  readonly home: string | undefined;
}

/** Only pages of the web are linked to, whatever the host says its address is. */
export function linksOf(url: string | null): Links {
  const home = url !== null && /^https?:\/\/[^\s"'<>\\]+$/.test(url) ? url.replace(/\/+$/, "") : undefined;
  const below = (path: string) => (home === undefined ? undefined : `${home}/${path}`);
  return {
    home,
    commit: (id) => (/^[0-9a-f]{40,64}$/.test(id) ? below(`commit/${id}`) : undefined),
    pull: (number) => below(`pull/${number}`),
  };
}

export function text(value: string): string {
  return escapeTerminal(value);
}

export function Link({ to, children }: { to: string | undefined; children: ComponentChildren }) {
  return to === undefined ? <span>{children}</span> : <a href={to}>{children}</a>;
}

export function Commit({ id, links }: { id: string; links: Links }) {
  return (
    <Link to={links.commit(id)}>
      <code>{text(id).slice(0, 12)}</code>
    </Link>
  );
}

export function Pull({ number, links }: { number: number; links: Links }) {
  return <Link to={links.pull(number)}>{`#${number}`}</Link>;
}

/** An instant, to the minute, in UTC; or what stands in its place. */
export function Time({ at }: { at: string }) {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*Z$/.test(at)) return <span>{text(at)}</span>;
  return <time dateTime={at}>{`${at.slice(0, 10)} ${at.slice(11, 16)} UTC`}</time>;
}

export function Badge({ mood, children }: { mood: Mood; children: ComponentChildren }) {
  return <span class={`badge ${mood}`}>{children}</span>;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

export function Section({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
