// Who may say that a name belongs to somebody else now: the owners whom the base names. What anybody else says has no effect.
// Pure; what an acknowledgement is good for is decided in `identity.ts`.
import type { Finding } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import type { Acknowledgement } from "../model/waiver.ts";

export interface Acknowledged {
  /** Those that count. */
  readonly valid: readonly Acknowledgement[];
  readonly findings: readonly Finding[];
}

/**
 * The acknowledgements of a target that an owner approved; all of them where nobody is named. `judge` has the owners that judge.
 * What is on record already has done its work, whoever is an owner by now.
 */
export function judgeAcknowledgements(
  acknowledgements: readonly Acknowledgement[],
  judge: Target,
  identities: ReadonlyMap<string, string>,
  { fold }: Platform,
): Acknowledged {
  const owners = new Set(judge.owners.map(fold));
  const own = acknowledgements.filter(({ target }) => target === judge.name);
  const counts = ({ member, id, approver }: Acknowledgement) =>
    owners.size === 0 || owners.has(fold(approver)) || identities.get(fold(member)) === id;
  const findings = own
    .filter((acknowledgement) => !counts(acknowledgement))
    .map(
      ({ member, approver, place }): Finding => ({
        severity: "error",
        code: "acknowledgement-approver",
        message: `That ${member} is somebody else now is approved by ${approver}, who is no owner of ${judge.name}: it has no effect`,
        hint: `It takes one of the owners in the settings as they were applied last: ${judge.owners.join(", ")}.`,
        blocks: "change",
        place,
      }),
    );
  return { valid: own.filter(counts), findings };
}
