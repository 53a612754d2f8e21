// The Atomyx driver: the pure platform with a reader and a writer, and what can be asked and done of API keys. Loaded only
// by commands that need the network.
import type { Driver } from "../../model/driver.ts";
import { openKeyRing, openKeys } from "./keys.ts";
import { atomyx } from "./platform.ts";
import { openReader } from "./reader.ts";
import { openWriter } from "./writer.ts";

export const driver: Driver = { platform: atomyx, openReader, openWriter, openKeys, openKeyRing };
