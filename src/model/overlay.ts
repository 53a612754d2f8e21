// A map that is another one but for a few changes, without a copy of what is the same.

/** `changes` are by key; undefined takes an entry away. The map below must not change any more. */
export class OverlayMap<V extends object> implements ReadonlyMap<string, V> {
  readonly #below: ReadonlyMap<string, V>;
  readonly #changes: ReadonlyMap<string, V | undefined>;
  readonly size: number;

  constructor(below: ReadonlyMap<string, V>, changes: ReadonlyMap<string, V | undefined>) {
    this.#below = below;
    this.#changes = changes;
    let size = below.size;
    for (const [key, value] of changes) size += (value ? 1 : 0) - (below.has(key) ? 1 : 0);
    this.size = size;
  }

  get(key: string): V | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#below.get(key);
  }

  has(key: string): boolean {
    return this.#changes.has(key) ? this.#changes.get(key) !== undefined : this.#below.has(key);
  }

  *entries(): MapIterator<[string, V]> {
    for (const entry of this.#below) if (!this.#changes.has(entry[0])) yield entry;
    for (const [key, value] of this.#changes) if (value) yield [key, value];
  }

  *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  forEach(use: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this.entries()) use(value, key, this);
  }
}
