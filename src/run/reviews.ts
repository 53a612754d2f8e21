// The reviews of a pull request and what each of them had been shown, read from the host. Decides nothing (`plan/approvals.ts`).
import type { HostReader, Pull } from "../model/host.ts";
import type { ReviewedPull } from "../plan/approvals.ts";
import { OperatorError } from "./context.ts";

/** The name of the check run that says what was planned, and records what was shown. */
export const CHECK_NAME = "rolebook";

/** Per target: what may be known of the reviews. Only checks that Rolebook itself made count as shown. */
export async function readReviews(_host: HostReader, _pull: Pull): Promise<(target: string) => ReviewedPull> {
  throw new OperatorError("not built yet");
}
