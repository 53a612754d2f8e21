// The Atomyx driver: the pure platform with a reader and a writer. Loaded only by commands that need the network.
import { type Driver, PlatformError } from "../../model/driver.ts";
import { atomyx } from "./platform.ts";

function unavailable(): never {
  throw new PlatformError("Atomyx cannot be reached by this build", {});
}

export const driver: Driver = { platform: atomyx, openReader: unavailable, openWriter: unavailable };
