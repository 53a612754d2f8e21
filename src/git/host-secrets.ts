// Secrets of GitHub Actions, of a repository or of one of its environments. What is put there is sealed for GitHub's own key before
// it leaves this process. It can put, and nothing can be read back: that is how GitHub keeps them.
import type { Secret } from "../model/keys.ts";
import type { HostOptions } from "./host.ts";
import { type Connection, openConnection } from "./host-connection.ts";

/** One secret's place in the repository. */
export interface SecretPlace {
  readonly name: string;
  /** Of this environment only; of the repository when absent. */
  readonly environment?: string;
}

/** Everything may throw `HostError`. */
export interface HostSecrets {
  /** Whether secrets can be put there at all, as far as reading tells. */
  readonly check: (place: SecretPlace) => Promise<void>;
  /** Makes the secret, or replaces it. Doing it twice is doing it once. */
  readonly put: (place: SecretPlace, secret: Secret) => Promise<void>;
}

export function openHostSecrets(options: HostOptions): HostSecrets {
  const connect = openConnection(options);
  return {
    check: ({ environment }) =>
      connect("reading the key that secrets are sealed with", async (to) => {
        await readPublicKey(to, environment);
      }),
    put: ({ name, environment }, secret) =>
      connect(`putting the secret ${name}`, async (to) => {
        const { key, key_id } = await readPublicKey(to, environment);
        const sealed = { secret_name: name, key_id, encrypted_value: await seal(secret, key) };
        const { octokit, place } = to;
        if (environment === undefined) await octokit.rest.actions.createOrUpdateRepoSecret({ ...place, ...sealed });
        else
          await octokit.rest.actions.createOrUpdateEnvironmentSecret({
            ...place,
            environment_name: environment,
            ...sealed,
          });
      }),
  };
}

async function readPublicKey({ octokit, place }: Connection, environment: string | undefined) {
  const { actions } = octokit.rest;
  const { data } =
    environment === undefined
      ? await actions.getRepoPublicKey(place)
      : await actions.getEnvironmentPublicKey({ ...place, environment_name: environment });
  return data;
}

/** A sealed box: only who has the other half of `key` (base64) can open it. */
async function seal(secret: Secret, key: string): Promise<string> {
  const { default: sodium } = await import("libsodium-wrappers");
  await sodium.ready;
  const bytes = sodium.from_string(secret.reveal());
  const box = sodium.crypto_box_seal(bytes, sodium.from_base64(key, sodium.base64_variants.ORIGINAL));
  sodium.memzero(bytes);
  return sodium.to_base64(box, sodium.base64_variants.ORIGINAL);
}
