// Reads a whole collection page by page, in parts side by side when it is large, into a sink that keeps what it
// needs of each row. Says what is doubtful about the read (rows missing, rows that moved); decides nothing from it.

/** One page, already checked against the contract. */
export interface Page<Row> {
  readonly data: readonly Row[];
  readonly cursor: string | null;
  /** Rows of the whole part. */
  readonly total: number;
  /** Changes whenever a row of the collection does. */
  readonly revision: string;
}

export interface PageRequest {
  /** Which of how many parts; undefined for the whole. */
  readonly partition: readonly [index: number, count: number] | undefined;
  readonly cursor: string | undefined;
}

/** Takes rows as they come. `add` gives false for a row it has already. */
export interface Sink<Row> {
  readonly add: (row: Row) => boolean;
}

export interface CollectionSource<Row, S extends Sink<Row>> {
  readonly fetchPage: (request: PageRequest) => Promise<Page<Row>>;
  /** Awaited before any page after the first of a large read: what the sink would like to know by then. */
  readonly ready?: Promise<unknown>;
  /** A fresh sink: a read that is done over starts empty. */
  readonly newSink: () => S;
  readonly connections: number;
  /** Rows taken in and, once it is known, how many there are. */
  readonly onRows?: (rows: number, total: number) => void;
}

export interface Doubt {
  readonly code: "truncated-read" | "inconsistent-read";
  /** What is wrong, to follow the collection's name: `gave 99 of 100 rows`. */
  readonly about: string;
}

export interface CollectionRead<S> {
  readonly sink: S;
  readonly doubts: readonly Doubt[];
}

/** Pages a part of its own is worth: fewer, and the part's last page, which is half empty, costs too much. */
const PART_PAGES = 8;
/** A page may be empty and not the last; so many in a row without a new row are a loop. */
const MOST_BARREN = 5;

/** How many parts to read a collection in, so that requests stay close to rows / rows a page. */
export function choosePartitions(total: number, pageRows: number, connections: number): number {
  return Math.max(1, Math.min(connections, Math.floor(Math.ceil(total / pageRows) / PART_PAGES)));
}

/** Reads it once, and once more when it changed meanwhile; then says so. */
export async function readCollection<Row, S extends Sink<Row>>(
  source: CollectionSource<Row, S>,
): Promise<CollectionRead<S>> {
  const first = await readOnce(source, true);
  if (!first.moved) return { sink: first.sink, doubts: first.doubts };
  const second = await readOnce(source, false);
  const doubts: Doubt[] = second.moved
    ? [...second.doubts, { code: "inconsistent-read", about: "changed while being read, twice" }]
    : second.doubts;
  return { sink: second.sink, doubts };
}

class Pass<Row, S extends Sink<Row>> {
  readonly source: CollectionSource<Row, S>;
  readonly sink: S;
  /** Give up at the first sign of movement: there is another pass. */
  readonly stopsWhenMoved: boolean;
  readonly doubts: Doubt[] = [];
  revision: string | undefined;
  moved = false;
  rows = 0;
  total = 0;
  constructor(source: CollectionSource<Row, S>, stopsWhenMoved: boolean) {
    this.source = source;
    this.sink = source.newSink();
    this.stopsWhenMoved = stopsWhenMoved;
  }
}

async function readOnce<Row, S extends Sink<Row>>(
  source: CollectionSource<Row, S>,
  stopsWhenMoved: boolean,
): Promise<Pass<Row, S>> {
  const pass = new Pass(source, stopsWhenMoved);
  const first = await source.fetchPage({ partition: undefined, cursor: undefined });
  pass.total = first.total;
  noteRevision(pass, first);
  // A server may give fewer rows a page than it is asked for.
  const pageRows = Math.max(1, first.data.length);
  const parts = first.cursor === null ? 1 : choosePartitions(first.total, pageRows, source.connections);
  // A read too small to keep every connection busy would only leave them idle while it waits.
  if (parts === source.connections) await source.ready;
  if (parts === 1) {
    await readPart(pass, undefined, first);
    return pass;
  }
  const totals = await Promise.all(Array.from({ length: parts }, (_, index) => readPart(pass, [index, parts])));
  const sum = totals.reduce((left, right) => left + right, 0);
  if (sum !== first.total && !pass.moved)
    pass.doubts.push({ code: "inconsistent-read", about: `has ${first.total} rows in all, but ${sum} in its parts` });
  return pass;
}

/** Follows one part's cursors to the end; gives the total the platform told. */
async function readPart<Row, S extends Sink<Row>>(
  pass: Pass<Row, S>,
  partition: PageRequest["partition"],
  firstPage?: Page<Row>,
): Promise<number> {
  const { fetchPage } = pass.source;
  let page = firstPage ?? (await fetchPage({ partition, cursor: undefined }));
  const { total } = page;
  let [rows, barren] = [0, 0];
  for (;;) {
    noteRevision(pass, page);
    if (page.total !== total && !pass.moved)
      noteDoubt(pass, "inconsistent-read", `told two totals, ${total} and ${page.total}`);
    const fresh = takeRows(pass, page);
    rows += fresh;
    barren = fresh === 0 ? barren + 1 : 0;
    if (page.cursor === null || (pass.moved && pass.stopsWhenMoved)) break;
    if (barren === MOST_BARREN || rows > total) {
      noteDoubt(pass, "inconsistent-read", `goes on after ${rows} of ${total} rows without an end`);
      break;
    }
    page = await fetchPage({ partition, cursor: page.cursor });
  }
  if (rows < total && !pass.moved) noteDoubt(pass, "truncated-read", `gave ${rows} of ${total} rows`);
  if (rows > total && !pass.moved) noteDoubt(pass, "inconsistent-read", `gave ${rows} rows and a total of ${total}`);
  return total;
}

function takeRows<Row, S extends Sink<Row>>(pass: Pass<Row, S>, page: Page<Row>): number {
  let fresh = 0;
  for (const row of page.data) if (pass.sink.add(row)) fresh += 1;
  pass.rows += fresh;
  pass.source.onRows?.(pass.rows, pass.total);
  return fresh;
}

function noteRevision<Row, S extends Sink<Row>>(pass: Pass<Row, S>, page: Page<Row>): void {
  pass.revision ??= page.revision;
  if (page.revision !== pass.revision) pass.moved = true;
}

function noteDoubt<Row, S extends Sink<Row>>(pass: Pass<Row, S>, code: Doubt["code"], about: string): void {
  if (!pass.doubts.some((doubt) => doubt.code === code && doubt.about === about)) pass.doubts.push({ code, about });
}
