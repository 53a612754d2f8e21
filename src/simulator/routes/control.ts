// The simulator's own switches under /_simulator/: counters, faults, the whole state, and what only people can do.
// Not part of the contract. Served to this machine only, and never hit by faults.
import type { FastifyInstance } from "fastify";
import { problemAnswer } from "../answer.ts";
import { type Contract, readContract } from "../contract.ts";
import type { Counters } from "../counters.ts";
import { FAULTS_SCHEMA, type FaultRule, type Faults } from "../faults.ts";
import { acceptInvitation, memberView, setFacts } from "../members.ts";
import { Problem } from "../problems.ts";
import type { MemberFacts } from "../records.ts";
import { dumpState, isDocument, loadState, StateError } from "../state.ts";
import type { Store } from "../store.ts";

export interface ControlParts {
  readonly store: Store;
  readonly counters: Counters;
  readonly faults: Faults;
}

/** A state of a million members is about 200 MB of JSON. */
export const MAX_STATE_BYTES = 512 * 1024 * 1024;

/** Both are as the contract has them in a member; one that is left out is not told any more. */
const FACTS_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    multiFactor: { $ref: "contract#/$defs/Member/properties/multiFactor" },
    lastActiveAt: { $ref: "contract#/$defs/Member/properties/lastActiveAt" },
  },
};

/** Lets only this machine through. */
export async function guard(request: { readonly ip: string }): Promise<void> {
  if (!isLoopback(request.ip)) throw new Problem("forbidden", "Only this machine may control the simulator.");
}

export function addControlRoutes(app: FastifyInstance, { store, counters, faults }: ControlParts): void {
  const showFaults = (): object => ({ latencyMs: faults.latencyMs, faults: faults.report() });

  app.get("/_simulator/counters", { onRequest: guard }, () => counters.view());
  app.delete("/_simulator/counters", { onRequest: guard }, (_request, reply) => {
    counters.reset();
    return reply.code(204).send();
  });
  app.get("/_simulator/faults", { onRequest: guard }, showFaults);
  app.put("/_simulator/faults", { onRequest: guard }, (request) => {
    requireValid(readContract().compile(FAULTS_SCHEMA), request.body, "These are not faults the simulator knows.");
    const wanted = request.body as { readonly latencyMs?: number; readonly faults?: readonly FaultRule[] };
    faults.latencyMs = wanted.latencyMs ?? 0;
    faults.set(wanted.faults ?? []);
    return showFaults();
  });
  app.get("/_simulator/state", { onRequest: guard }, () => dumpState(store));
  app.put("/_simulator/state", { onRequest: guard, bodyLimit: MAX_STATE_BYTES }, (request, reply) => {
    if (!isDocument(request.body))
      throw new Problem("unprocessable", "This is not the state of an organization, version 1.");
    const document = request.body;
    loadOrRefuse(() => loadState(store, document));
    return reply.code(204).send();
  });
  app.post<{ Params: { id: string } }>("/_simulator/members/:id/accept", { onRequest: guard }, (request) => ({
    data: memberView(acceptInvitation(store, request.params.id)),
  }));
  app.put<{ Params: { id: string } }>("/_simulator/members/:id/facts", { onRequest: guard }, (request) => {
    requireValid(readContract().compile(FACTS_SCHEMA), request.body, "This is not what a platform tells of a member.");
    return { data: memberView(setFacts(store, request.params.id, request.body as MemberFacts)) };
  });
}

/** Refuses a body that a validator does not take. */
export function requireValid(validate: ReturnType<Contract["compile"]>, body: unknown, otherwise: string): void {
  if (validate(body)) return;
  throw new Problem("unprocessable", otherwise, {
    errors: (validate.errors ?? []).map(({ instancePath, message, keyword }) => ({
      pointer: instancePath,
      detail: message ?? keyword,
    })),
  });
}

/** Loads a state; one that does not hold together is a 422. */
export function loadOrRefuse(load: () => void): void {
  try {
    load();
  } catch (error) {
    if (error instanceof StateError) throw new Problem("unprocessable", error.message);
    throw error;
  }
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}

/** For a route that is not there. */
export function nothingHere(): ReturnType<typeof problemAnswer> {
  return problemAnswer(new Problem("not-found", "The contract has no such operation."));
}
