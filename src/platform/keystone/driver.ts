// The Keystone driver: the pure platform with a reader and a writer. Loaded only by commands that need the network.
import type { Driver } from "../../model/driver.ts";
import { keystone } from "./platform.ts";
import { openReader } from "./reader.ts";
import { openWriter } from "./writer.ts";

export const driver: Driver = { platform: keystone, openReader, openWriter };
