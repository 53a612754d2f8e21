// What Atomyx leaves to somebody else: workspaces and products come and go in the Vault, a product's Admin is built in, and a
// new key needs somebody to receive it. Pure; it words the finding, and says who does the step and how.
import type { Entity } from "../../model/entity.ts";
import type { Refusal } from "../../model/platform.ts";
import { IMMUTABLE } from "./catalogue.ts";
import { isProductAdmin } from "./products.ts";

/** See `Platform.refuses`. */
export function refuses(live: Entity | undefined, want: Entity | undefined): Refusal | undefined {
  switch ((want ?? live)?.kind) {
    case "Workspace":
      return live && want ? undefined : refuseWorkspace(live, want);
    case "Product":
      return refuseProduct(live, want);
    case "Role":
      return refuseRole(live, want);
    case "ApiKey":
      return want ? refuseKey(live, want) : undefined;
    default:
      return undefined;
  }
}

function refuseWorkspace(live: Entity | undefined, want: Entity | undefined): Refusal | undefined {
  if (want)
    return {
      code: "workspace-missing",
      message: `Workspace "${want.name}" is declared and not there, and Rolebook creates none`,
      hint: "Create it in the Vault, or remove what speaks of it.",
    };
  if (!live) return undefined;
  return {
    code: "workspace-stays",
    message: `Workspace "${live.name}" is not declared any more, and Rolebook closes none`,
    hint: "It stays as it is; closing it is done in the Vault.",
  };
}

/** What is fixed by the subscription. */
const BOUGHT: readonly string[] = ["type", "tier", "subscribed"];

function refuseProduct(live: Entity | undefined, want: Entity | undefined): Refusal | undefined {
  if (!live)
    return (
      want && {
        code: "product-missing",
        message: `Product "${want.name}" is declared and not there, and Rolebook buys none`,
        hint: "Add it to the workspace in the Vault, or remove what speaks of it.",
      }
    );
  if (!want)
    return {
      code: "product-stays",
      message: `Product "${live.name}" is not declared any more, and Rolebook removes none`,
      hint: "It stays as it is, and so does who can use it; set active: false to switch it off, or remove it in the Vault.",
    };
  const differing = differences(live, want, BOUGHT);
  if (differing.length === 0) return undefined;
  return {
    code: "product-differs",
    message: `Product "${want.name}" is declared with another ${differing.join(" and ")} than it has, which the subscription decides; nothing of it is changed`,
    hint: "Declare it as it is (rolebook import writes it), or change the subscription in the Vault.",
  };
}

function refuseRole(live: Entity | undefined, want: Entity | undefined): Refusal | undefined {
  if (!live)
    return want && isProductAdmin(want.name)
      ? {
          code: "product-missing",
          message: `Role "${want.name}" is declared and not there: it comes with its product, and cannot be made`,
          hint: "Add the product to the workspace in the Vault, or remove the document.",
        }
      : undefined;
  if (live.status !== IMMUTABLE) return undefined;
  const what = want ? "is declared with other attributes than it has" : "is not declared any more";
  return {
    code: "immutable-role",
    message: `Role "${live.name}" ${what}, and Atomyx lets nobody change it`,
    hint: want ? "Declare it by its name alone; it holds every role of its product." : "It stays as it is.",
  };
}

/** What a key is for is fixed when it is made. */
const ISSUED: readonly string[] = ["product", "purpose"];

function refuseKey(live: Entity | undefined, want: Entity): Refusal | undefined {
  if (!live)
    return {
      code: "api-key-missing",
      message: `ApiKey "${want.name}" is declared and not there; somebody has to receive it`,
      hint: `Run: rolebook keys issue ${shell(want.name)}`,
    };
  const differing = differences(live, want, ISSUED);
  if (differing.length === 0) return undefined;
  return {
    code: "api-key-differs",
    message: `ApiKey "${want.name}" is declared with another ${differing.join(" and ")} than it has, which is fixed when a key is made`,
    hint: "Declare it as it is; or declare another key, have it issued, and remove this one.",
  };
}

/** Attributes that the declaration speaks of and that are otherwise. */
function differences(live: Entity, want: Entity, attributes: readonly string[]): readonly string[] {
  return attributes.filter((name) => {
    const [is, wanted] = [live.attributes[name], want.attributes[name]];
    return wanted !== undefined && comparable(wanted) !== comparable(is);
  });
}

function comparable(value: unknown): unknown {
  return typeof value === "string" ? value.trim().normalize("NFC") : value;
}

/** A word for a POSIX shell. */
function shell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) && !word.startsWith("-") ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
