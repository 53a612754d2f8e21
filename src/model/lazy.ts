// Answers that are worked out when they are first asked for, and once. They hold what they were asked as long as they live.

/** A value that is computed when it is first asked for. */
export function lazy<T>(compute: () => T): () => T {
  let value: { readonly of: T } | undefined;
  return () => {
    value ??= { of: compute() };
    return value.of;
  };
}

/** A function that computes its answer for each argument once. */
export function memo<K, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, { readonly of: V }>();
  return (key) => {
    const found = known.get(key);
    if (found) return found.of;
    const of = compute(key);
    known.set(key, { of });
    return of;
  };
}
