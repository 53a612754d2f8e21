// Runs long computations a slice at a time, so that answers from the network are taken in meanwhile.
import { setImmediate } from "node:timers/promises";
import type { Steps } from "../model/steps.ts";

/** A slice of work between two looks at the network, in milliseconds. */
const SLICE_MS = 2;

/** Runs a computation to its end, making way for other work every few milliseconds. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  for (let sliceStart = performance.now(); ; ) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - sliceStart < SLICE_MS) continue;
    await setImmediate();
    sliceStart = performance.now();
  }
}
