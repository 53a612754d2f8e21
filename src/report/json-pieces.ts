// Large JSON documents written piece by piece: a line for each property and for each element of a list, so that no document is ever
// held whole. It refuses to sort.

/** Chunks are about this long, in UTF-16 units: large enough to write at once, small enough to hold. */
const CHUNK_LENGTH = 65_536;

/** The same text in pieces that are worth writing. */
export function* inChunks(pieces: Iterable<string>): Generator<string> {
  let chunk = "";
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk;
}

/** The opening of a document, and its small properties. */
export function* headText(head: Readonly<Record<string, unknown>>): Generator<string> {
  yield "{";
  for (const [index, [name, value]] of Object.entries(head).entries())
    yield `${index === 0 ? "" : ","}\n  ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
}

/** What ends a document. */
export const TAIL = "\n}\n";

/** A property that is a list. */
export function listText<T>(name: string, items: Iterable<T>, map: (item: T) => unknown): Generator<string> {
  return rawListText(
    name,
    mapped(items, (item) => JSON.stringify(map(item))),
  );
}

/** The same of elements that are text already. */
export function* rawListText(name: string, items: Iterable<string>): Generator<string> {
  yield `,\n  ${JSON.stringify(name)}: [`;
  let empty = true;
  for (const item of items) {
    yield `${empty ? "" : ","}\n    ${item}`;
    empty = false;
  }
  yield empty ? "]" : "\n  ]";
}

function* mapped<T, R>(items: Iterable<T>, map: (item: T) => R): Generator<R> {
  for (const item of items) yield map(item);
}
