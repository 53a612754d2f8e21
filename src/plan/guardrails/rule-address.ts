// What people's names and addresses may look like: those of accounts that are no one person's, and those of foreign domains.
import { RE2JS } from "re2js";
import { type Entity, entityAt } from "../../model/entity.ts";
import type { Guardrail } from "../../model/guardrail.ts";
import { kindSpec, MEMBER } from "../../model/platform.ts";
import { STEP_ITEMS, type Steps } from "../../model/steps.ts";
import type { Breach } from "./breach.ts";
import { extentOfGrants } from "./selection.ts";
import { holdsTheSame, membersIn, type Survey } from "./survey.ts";
import { causeOf, namesText } from "./words.ts";

/** Nobody's name or address fits one of the patterns. */
export function* judgeShared(
  guardrail: Guardrail & { readonly rule: "shared-account" },
  survey: Survey,
): Steps<Breach[]> {
  const { patterns } = guardrail.with;
  const fits = patternOf(patterns);
  return yield* eachMember(survey, (member, address) => {
    const texts = address === undefined || address === member.name ? [member.name] : [member.name, address];
    const found = texts.find(fits);
    if (found === undefined) return undefined;
    const pattern = () => patterns.find((one) => patternOf([one])(found)) ?? "";
    return () => ({
      text: `${member.name} looks like nobody's own account: ${found === member.name ? "it" : found} fits "${pattern()}"`,
      limit: pattern(),
    });
  });
}

/** Whether a text fits one of some patterns, in time linear in the text: nobody's name can make it hang. */
export function patternOf(patterns: readonly string[]): (text: string) => boolean {
  const any = patterns
    .map((pattern) =>
      pattern
        .split("*")
        .map((text) => RE2JS.quote(text))
        .join(".*"),
    )
    .join("|");
  const compiled = RE2JS.compile(any, RE2JS.CASE_INSENSITIVE | RE2JS.DOTALL);
  return (text) => patterns.length > 0 && compiled.testExact(text);
}

/** Every address is of one of the domains. Who has no address is not judged. */
export function* judgeDomains(
  guardrail: Guardrail & { readonly rule: "address-domain" },
  survey: Survey,
): Steps<Breach[]> {
  const { domains } = guardrail.with;
  const folded = domains.map((domain) => domain.toLowerCase());
  const exact = new Set(folded.filter((domain) => !domain.startsWith("*.")));
  const below = folded.filter((domain) => domain.startsWith("*.")).map((domain) => domain.slice(1));
  return yield* eachMember(survey, (member, address) => {
    if (address === undefined) return undefined;
    const domain = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
    if (exact.has(domain) || below.some((end) => domain.endsWith(end) && domain.length > end.length)) return undefined;
    const whose = address === member.name ? address : `${member.name} (${address})`;
    return () => ({ text: `${whose} has an address outside ${namesText(domains)}`, limit: namesText(domains) });
  });
}

interface Complaint {
  readonly text: string;
  readonly limit: string;
}

function* eachMember(
  survey: Survey,
  judge: (member: Entity, address: string | undefined) => (() => Complaint) | undefined,
): Steps<Breach[]> {
  const { platform, view } = survey.ground;
  const isAddress = kindSpec(platform, MEMBER)?.identity === "email";
  const breaches: Breach[] = [];
  let count = 0;
  for (const entity of membersIn(survey)) {
    if (count++ % STEP_ITEMS === 0) yield;
    const { email } = entity.attributes;
    const complain = judge(
      entity,
      isAddress ? entity.name : typeof email === "string" && email !== "" ? email : undefined,
    );
    if (!complain) continue;
    const member = entity.local;
    const person = { member, parts: view.partsOf(member) };
    const names = [entity.name, ...(typeof email === "string" ? [email] : [])].map(platform.fold);
    breaches.push({
      subject: `member ${member}`,
      member,
      isIn: (other) => entityAt(other.ground.state, MEMBER, member) === entity && holdsTheSame(person, other),
      // An account that should not be there is worse the more it may do, and another address is another account.
      extent: () =>
        new Map([...extentOfGrants(person.parts.flat(), survey), ...names.map((name) => [name, 0] as const)]),
      describe: () => {
        const { text, limit } = complain();
        return { text, values: { member: entity.name, limit }, ...causeOf(member, [], survey) };
      },
    });
  }
  return breaches;
}
