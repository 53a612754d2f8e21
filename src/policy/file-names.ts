// Which file an entity goes into by convention: its kind's folder, and a name made of its own. It looks at no folder.
import { type KindSpec, MEMBER } from "../model/platform.ts";

/** A file name from a display name: letters and digits of any script, the rest as single dashes. */
export function slug(name: string): string {
  const plain = name
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return plain.slice(0, 80) || "unnamed";
}

/** The file of an entity below its target's folder. A membership's is its group's; people share one. */
export function conventionalFile(spec: KindSpec, name: string): string {
  return `${spec.folder}/${spec.kind === MEMBER ? "members" : slug(name)}.yaml`;
}
