// Which view is shown, kept in the address: the back button goes back, a copied address leads to the same view. Typing replaces the
// address a little later, so that the history is not one entry a letter.
import { createContext } from "preact";
import { useCallback, useContext, useLayoutEffect, useState } from "preact/hooks";
import { formatView, parseView, START, type View } from "./view.ts";

/** `quietly`: the address is replaced, and there is nothing to go back to. */
export type Go = (change: (view: View) => View, quietly?: boolean) => void;

interface Navigation {
  readonly view: View;
  readonly go: Go;
}

const NavigationContext = createContext<Navigation>({ view: START, go: () => {} });
export const NavigationProvider = NavigationContext.Provider;

export function useNavigation(): Navigation {
  return useContext(NavigationContext);
}

const TYPING_MS = 200;

/** The one owner of the view. */
export function useView(): Navigation {
  const [view, setView] = useState(() => parseView(location.hash));
  useLayoutEffect(() => {
    const follow = () => setView(parseView(location.hash));
    addEventListener("popstate", follow);
    addEventListener("hashchange", follow);
    return () => {
      removeEventListener("popstate", follow);
      removeEventListener("hashchange", follow);
    };
  }, []);
  const go = useCallback<Go>((change, quietly = false) => {
    setView((before) => {
      const after = change(before);
      writeAddress(after, quietly);
      return after;
    });
  }, []);
  return { view, go };
}

let waiting: ReturnType<typeof setTimeout> | undefined;

function writeAddress(view: View, quietly: boolean): void {
  clearTimeout(waiting);
  const write = () => {
    const address = `#${formatView(view)}`;
    if (address === (location.hash || "#")) return;
    try {
      if (quietly) history.replaceState(null, "", address);
      else history.pushState(null, "", address);
    } catch {
      // Some viewers show pages without an address of their own: the view changes all the same.
    }
  };
  if (quietly) waiting = setTimeout(write, TYPING_MS);
  else write();
}
