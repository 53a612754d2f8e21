// The answer of `git cat-file --batch`, parsed as it streams in. Contents are bytes: nothing in them
// (newlines, zero bytes, text that looks like a header) can be taken for structure, since lengths are counted.

export interface BatchParser {
  /** Takes the next bytes of the stream, cut anywhere. */
  readonly push: (chunk: Buffer) => void;
  /** Objects answered in full so far, missing ones included. */
  readonly answers: () => number;
}

/** `onObject` is called once for each object that is there, in the order asked. */
export function createBatchParser(onObject: (id: string, type: string, content: Buffer) => void): BatchParser {
  let answers = 0;
  let header: Buffer[] = [];
  let body: { readonly id: string; readonly type: string; readonly content: Buffer; filled: number } | undefined;
  let closing = false;

  function takeHeader(chunk: Buffer, start: number): number {
    const end = chunk.indexOf(10, start);
    header.push(chunk.subarray(start, end < 0 ? chunk.length : end));
    if (end < 0) return chunk.length;
    const [id = "", type = "", size = ""] = Buffer.concat(header).toString("latin1").split(" ");
    header = [];
    // `<id> missing` and `<name> ambiguous` have no size and no content.
    if (/^\d+$/.test(size)) body = { id, type, content: Buffer.allocUnsafe(Number(size)), filled: 0 };
    else answers += 1;
    return end + 1;
  }

  function takeBody(current: NonNullable<typeof body>, chunk: Buffer, start: number): number {
    const copied = chunk.copy(current.content, current.filled, start);
    current.filled += copied;
    if (current.filled < current.content.length) return chunk.length;
    body = undefined;
    closing = true;
    answers += 1;
    onObject(current.id, current.type, current.content);
    return start + copied;
  }

  function push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length || (body !== undefined && body.content.length === 0)) {
      if (body !== undefined) at = takeBody(body, chunk, at);
      else if (closing) {
        closing = false;
        at += 1; // the newline after a content
      } else at = takeHeader(chunk, at);
    }
  }

  return { push, answers: () => answers };
}
