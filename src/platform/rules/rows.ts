// From a platform's rows to a state: text as it is compared, sections without two things of one name, and the words
// for a read that cannot be trusted. Pure; it knows no platform's rows.
import type { Entity, MemberFacts, Section } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";

/** Text as it is compared: trimmed, composed. */
export function canonicalText(text: string): string {
  return text.trim().normalize("NFC");
}

/** Two things that people know by one name cannot be told apart in a file, so nothing may be changed. */
export function sectionOf(entities: Iterable<Entity>, findings: Finding[]): Section {
  const section = new Map<string, Entity>();
  for (const entity of entities) {
    const other = section.get(entity.local);
    if (other)
      findings.push({
        severity: "error",
        code: "ambiguous-name",
        message: `The platform has two of kind ${entity.kind} with the name "${entity.name}" (${other.id} and ${entity.id})`,
        key: `${entity.section}/${entity.local}`,
        hint: "Rename or remove one of them on the platform.",
      });
    else section.set(entity.local, entity);
  }
  return section;
}

/** A finding about a read that cannot be trusted to be whole. */
export function inconsistent(message: string, key?: string, code = "inconsistent-read"): Finding {
  const hint = "Try again; while it lasts, nothing is taken away from anybody.";
  return { severity: "error", code, message, hint, blocks: "removals", ...(key === undefined ? {} : { key }) };
}

/** What a platform tells of a member; undefined when it tells nothing. A day that no calendar has tells nothing either. */
export function factsOf(
  multiFactor: boolean | undefined,
  lastActiveAt: string | null | undefined,
): MemberFacts | undefined {
  const lastActive = typeof lastActiveAt === "string" ? instantOf(lastActiveAt) : lastActiveAt;
  if (lastActive === undefined) return multiFactor === undefined ? undefined : { multiFactor };
  return multiFactor === undefined ? { lastActive } : { multiFactor, lastActive };
}

/** In UTC; undefined for what looks like an instant and is none. */
export function instantOf(text: string): string | undefined {
  const instant = new Date(text.toUpperCase());
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}
