// A bearer token kept for as long as it lives: fetched on first need, renewed before it ends, one renewal at a
// time. Does not know how a token is fetched and never shows one.

export interface Token {
  readonly value: string;
  /** How long it lives, ms from when it was asked for. */
  readonly lifeMs: number;
}

export interface TokenSource {
  /** A token with life left in it. Everyone who asks during a renewal waits for the same one. */
  readonly current: () => Promise<string>;
  /** Says that the platform refused this token: the next `current` is a new one, unless that has happened already. */
  readonly refuse: (token: string) => void;
}

/** Renewed when less than this is left, or a tenth of a short life. */
const MARGIN_MS = 60_000;

/** `nowMs` is a clock that only moves forward. */
export function keepToken(fetchToken: () => Promise<Token>, nowMs: () => number): TokenSource {
  let held: { readonly value: string; readonly renewAt: number } | undefined;
  let renewal: Promise<string> | undefined;
  const renew = async () => {
    const askedAt = nowMs();
    const { value, lifeMs } = await fetchToken();
    held = { value, renewAt: askedAt + lifeMs - Math.min(MARGIN_MS, lifeMs / 10) };
    return value;
  };
  return {
    current: () => {
      if (held && nowMs() < held.renewAt) return Promise.resolve(held.value);
      renewal ??= renew().finally(() => {
        renewal = undefined;
      });
      return renewal;
    },
    refuse: (token) => {
      if (held?.value === token) held = undefined;
    },
  };
}
