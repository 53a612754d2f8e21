// What doctor found as a JSON value (schemas/output/doctor.json). It refuses to leave a property out.
import type { Check, Checkup } from "../model/checkup.ts";
import { sortChecks } from "./doctor-text.ts";

export interface DoctorJson {
  readonly version: 1;
  readonly proved: boolean;
  readonly checks: readonly (Omit<Check, "fix"> & { readonly fix: string | null })[];
}

export function checkupToJson({ checks, proved }: Checkup): DoctorJson {
  return {
    version: 1,
    proved,
    checks: sortChecks(checks).map(({ id, about, state, severity, message, fix }) => ({
      id,
      about,
      state,
      severity,
      message,
      fix: fix ?? null,
    })),
  };
}
