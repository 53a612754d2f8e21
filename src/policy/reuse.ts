// What one version of the policies can take over from another, of which it shares most files: the base is HEAD but for a
// few edits. Everything here may give up (undefined), and then things are resolved from the start.
import type { Section } from "../model/entity.ts";
import { OverlayMap } from "../model/overlay.ts";
import type { Platform } from "../model/platform.ts";
import { type Declared, declarationOf, memberSpec } from "./names.ts";
import type { ParsedFile } from "./parse.ts";
import type { Resolved } from "./resolve.ts";
import type { ParsedDocument } from "./schema.ts";

/** How the members of one version differ from those of another. */
export interface SharedPeople {
  readonly like: Resolved;
  readonly declared: ReadonlyMap<string, Declared>;
  /** By folded address; undefined for one that is declared there and not here. */
  readonly changes: ReadonlyMap<string, Declared | undefined>;
}

/**
 * The members that these files declare, told from those of another version. Undefined where telling them apart takes
 * more than a look at the files that differ: somebody is declared twice, or members refer to something else.
 */
export function sharePeople(
  files: readonly ParsedFile[],
  platform: Platform,
  like: Resolved | undefined,
): SharedPeople | undefined {
  const spec = memberSpec(platform);
  const there = spec && like?.names.declared.get(spec.kind);
  const refers = Object.values(spec?.attributes ?? {}).some(({ type }) => type !== "text" && type !== "flag");
  if (!like || !there || refers || like.names.repeated) return undefined;
  const [here, others] = [new Set(files), new Set(like.files)];
  const changes = new Map<string, Declared | undefined>();
  for (const { documents } of like.files.filter((file) => !here.has(file)))
    for (const document of documents) {
      const declared = document.kind === spec.kind ? declarationOf(document, spec, platform, 0) : undefined;
      if (!declared) continue;
      changes.set(declared.local, undefined);
    }
  let number = there.size;
  for (const { documents } of files.filter((file) => !others.has(file)))
    for (const document of documents) {
      const declared = document.kind === spec.kind ? declarationOf(document, spec, platform, number) : undefined;
      if (!declared) continue;
      number += 1;
      const taken = changes.has(declared.local) ? changes.get(declared.local) : there.get(declared.local);
      if (taken) return undefined;
      changes.set(declared.local, declared);
    }
  return { like, declared: new OverlayMap(there, changes), changes };
}

/** The memberships that the other version has from the very same documents, if it calls their members the same. */
export function shareMemberships(
  section: string,
  documents: readonly ParsedDocument[],
  { like, changes }: SharedPeople,
): Section | undefined {
  const others = like.memberships.get(section);
  if (documents.length !== others?.length || !documents.every((document, index) => document === others[index]))
    return undefined;
  const found = like.state.get(section);
  const people = like.names.declared.get(memberSpec(like.names.platform)?.kind ?? "");
  for (const [local, declared] of changes)
    if (declared?.name !== people?.get(local)?.name && found?.has(local)) return undefined;
  return found;
}
