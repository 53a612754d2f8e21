// Long computations in short steps, so that whoever runs one can look after something else in between. Nothing here
// knows a clock or waits: it is still a pure computation, and the same result however it is run.

/** A computation that can be left between two steps and taken up again. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Items of a loop that make a step: well under a millisecond. */
export const STEP_ITEMS = 256;

/** Runs a computation to its end in one go. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
