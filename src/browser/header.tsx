// What was reviewed, when and from what; and the few things one can do with the page as a whole.
import { useState } from "preact/hooks";
import { Commit } from "./links.tsx";
import type { Review } from "./review.ts";
import { useTheme } from "./theme.ts";
import { minute } from "./words.ts";

const SOURCES = {
  live: "Read live from the platform, beside what the files say",
  files: "From the files alone: no platform was asked",
  past: "As it was applied then, by Git and the ledger",
} as const;

export function Header({ review: { packed } }: { review: Review }) {
  const { url } = packed;
  return (
    <header class="top">
      <div class="headline">
        <p class="brand">
          <Mark /> Rolebook
        </p>
        <h1>Access review</h1>
        <p class="quiet">
          <time dateTime={packed.at}>{minute(packed.at)}</time>
          <span class="dot">{SOURCES[packed.source]}</span>
          {url === null ? null : (
            <span class="dot">
              <a href={url} target="_blank" rel="noopener noreferrer">
                {url.replace(/^https?:\/\//, "")}
              </a>
            </span>
          )}
        </p>
        <ul class="targets">
          {packed.targets.map(({ name, title, commit }) => (
            <li key={name}>
              <strong>{name}</strong> <span class="quiet">{title}</span>
              {commit === null ? null : (
                <span class="quiet">
                  {" at "}
                  <Commit id={commit} />
                </span>
              )}
            </li>
          ))}
        </ul>
      </div>
      <Actions />
    </header>
  );
}

function Actions() {
  const [theme, setTheme] = useTheme();
  const [said, say] = useState("");
  const copy = () =>
    navigator.clipboard.writeText(location.href).then(
      () => say("Link copied"),
      () => say("Copy the address of this window"),
    );
  return (
    <div class="actions">
      <span role="status" class="said">
        {said}
      </span>
      <button type="button" class="plain" onClick={copy}>
        Copy link
      </button>
      <button type="button" class="plain" onClick={() => print()}>
        Print
      </button>
      <button
        type="button"
        class="plain"
        aria-pressed={theme === "dark"}
        onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
      >
        Dark
      </button>
    </div>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <rect x="1" y="1" width="18" height="18" rx="5" class="mark" />
      <path d="M6 5.5h5.2a2.8 2.8 0 0 1 0 5.6H6zM6 5v10M10.4 11.1 13.6 15" class="stroke" />
    </svg>
  );
}
