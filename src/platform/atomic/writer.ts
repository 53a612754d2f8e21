// Makes approved changes on an Atomic organization, each with a precondition, and says truthfully what became of
// each: nothing is forced, and nobody is told "applied" on hope. Plans nothing and reads only what it must decide by.
import type { Connection, Writer } from "../../model/driver.ts";
import { writerOver } from "../http/writer.ts";
import { openClient } from "./client.ts";
import { fold } from "./ladder.ts";
import { makeChange } from "./single.ts";

/** Opens a writer; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openWriter(connection: Connection): Writer {
  const client = openClient(connection);
  return writerOver({ client, fold, maker: (writing) => (change) => makeChange(change, writing) });
}
