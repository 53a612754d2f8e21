// Light or dark: as the reader's system says, until they choose. The choice is kept for the next report where the browser keeps things.
import { useCallback, useLayoutEffect, useState } from "preact/hooks";

export type Theme = "light" | "dark";

const KEPT = "rolebook-theme";

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [chosen, choose] = useState<Theme | undefined>(readKept);
  const dark = useMedia("(prefers-color-scheme: dark)");
  useLayoutEffect(() => {
    if (chosen) document.documentElement.dataset.theme = chosen;
  }, [chosen]);
  const keep = useCallback((theme: Theme) => {
    choose(theme);
    try {
      localStorage.setItem(KEPT, theme);
    } catch {
      // Where nothing may be kept, the choice lasts as long as the page.
    }
  }, []);
  return [chosen ?? (dark ? "dark" : "light"), keep];
}

function readKept(): Theme | undefined {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept === "light" || kept === "dark" ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a media query holds, as it changes. */
export function useMedia(query: string): boolean {
  const [holds, set] = useState(() => matchMedia(query).matches);
  useLayoutEffect(() => {
    const list = matchMedia(query);
    const follow = () => set(list.matches);
    follow();
    list.addEventListener("change", follow);
    return () => list.removeEventListener("change", follow);
  }, [query]);
  return holds;
}
