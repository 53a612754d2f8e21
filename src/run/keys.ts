// `rolebook keys`: the keys that programs use at a platform. `list` looks; `issue`, `rotate` and `revoke` are handed on to the one
// file that may hold a key ring.
import { type LiveRead, PlatformError } from "../model/driver.ts";
import { EMPTY_SECTION, type Entity } from "../model/entity.ts";
import { CALLS, type KeyLines } from "../model/key-lines.ts";
import type { KeysSpec } from "../model/keys.ts";
import { nearest } from "../model/nearest.ts";
import { type KindSpec, MEMBER, type Platform } from "../model/platform.ts";
import type { RotationRecord } from "../model/rotation.ts";
import type { Target } from "../model/settings.ts";
import { keyLines } from "../plan/key-lines.ts";
import { rotationsOf } from "../plan/rotation.ts";
import { renderKeyLog } from "../report/key-log.ts";
import { keysToJson } from "../report/keys-json.ts";
import { renderKeys } from "../report/keys-text.ts";
import { connectionOf } from "./connect.ts";
import { type Context, EXIT, type ExitCode, OperatorError, type ResultOptions, worstExit } from "./context.ts";
import { desiredState } from "./desired.ts";
import { readLive } from "./live.ts";
import { emit } from "./output.ts";
import { chooseTargets, driverOf, openWorkspace, type Workspace } from "./workspace.ts";

export interface KeysOptions extends ResultOptions {
  readonly format: "human" | "json";
  /** Where a new key goes. */
  readonly sink?: string;
  /** The sink takes the place of the one that a rotation began with. */
  readonly otherSink: boolean;
  /** How long an old key goes on, in seconds. */
  readonly grace?: number;
  /** Revoke first. */
  readonly compromised: boolean;
  /** With `revoke`: do not ask. */
  readonly yes: boolean;
  /** With `revoke`: only the key with this id. */
  readonly key?: string;
  /** Leave the Git remote alone. */
  readonly offline: boolean;
  /** With `list`: judge ages as of this instant. */
  readonly now?: Date;
}

export type KeysAction = "list" | "log" | "issue" | "rotate" | "revoke";

/** A kind whose entities are keys. */
export type KeyKind = KindSpec & { readonly keys: KeysSpec };

/** The platform's kind of keys, if it has any. */
export function keyKindOf({ kinds }: Platform): KeyKind | undefined {
  return kinds.find((kind): kind is KeyKind => kind.keys !== undefined);
}

/** Runs `keys`. Throws `OperatorError` for options that go with another action. */
export async function runKeys(
  context: Context,
  action: KeysAction,
  name: string | undefined,
  options: KeysOptions,
): Promise<ExitCode> {
  assertOptions(action, name, options);
  if (action === "list") return listKeys(context, options);
  if (action === "log") return logKeys(context, name, options);
  if (name === undefined) throw new OperatorError(`keys ${action} needs the name of a key`, "keys list names them.");
  return (await import("./keys-rotate.ts")).changeKey(context, action, name, options);
}

/** Options that go with some of the actions only. */
const ACTIONS_OF: readonly (readonly [option: keyof KeysOptions, flag: string, actions: readonly KeysAction[]])[] = [
  ["sink", "--sink", ["issue", "rotate"]],
  ["otherSink", "--other-sink", ["issue", "rotate"]],
  ["grace", "--grace", ["rotate"]],
  ["compromised", "--compromised", ["rotate"]],
  ["yes", "--yes", ["revoke"]],
  ["key", "--key", ["revoke"]],
  ["now", "--now", ["list"]],
  ["output", "--output", ["list", "log"]],
];

/** What would be passed over in silence is refused. */
function assertOptions(action: KeysAction, name: string | undefined, options: KeysOptions): void {
  const stray = ACTIONS_OF.find(
    ([option, , actions]) => options[option] !== undefined && options[option] !== false && !actions.includes(action),
  );
  if (stray) throw new OperatorError(`${stray[1]} goes with keys ${stray[2].join(" and keys ")}`);
  if (action === "list" && name !== undefined)
    throw new OperatorError("keys list takes no name", "keys rotate NAME, keys issue NAME and keys revoke NAME do.");
  if (action !== "list" && options.format !== "human") throw new OperatorError("--format goes with keys list");
}

/** Exit 2 when a key waits for somebody to do something. */
async function listKeys(context: Context, options: KeysOptions): Promise<ExitCode> {
  const now = options.now ?? context.now();
  const workspace = await openWorkspace(context, options, { git: true });
  const targets = keyTargets(workspace, options);
  const lists = await Promise.allSettled(targets.map((target) => lookAtKeys(context, workspace, target, options, now)));
  const answers: KeyLines[] = [];
  for (const [index, list] of lists.entries()) {
    if (list.status === "fulfilled") answers.push(list.value);
    else if (targets.length === 1) throw list.reason;
    else context.err(`${targets[index]?.name}: ${list.reason instanceof Error ? list.reason.message : list.reason}\n`);
  }
  const { color, width } = context.terminal;
  const look = { color: color && options.output === undefined, width, now };
  const text =
    options.format === "json"
      ? [`${JSON.stringify(keysToJson(answers))}\n`]
      : [answers.map((answer) => renderKeys(answer, look)).join("\n")];
  emit(context, options.output, text);
  const codes = answers.map(({ keys }) =>
    keys.some(({ standing }) => CALLS.includes(standing)) ? EXIT.changes : EXIT.done,
  );
  return worstExit(answers.length < lists.length ? [...codes, EXIT.refused] : codes);
}

/** What is on record of one key, or of all. */
async function logKeys(context: Context, name: string | undefined, options: KeysOptions): Promise<ExitCode> {
  const workspace = await openWorkspace(context, options, { git: true });
  const records: RotationRecord[] = [];
  const known: string[] = [];
  for (const target of keyTargets(workspace, options)) {
    const { fold } = driverOf(target).platform;
    const all = await keyRecords(context, workspace, target, options);
    const declared = declaredKeys(workspace, target, options.now ?? context.now());
    records.push(...all.filter((record) => name === undefined || fold(record.name) === fold(name)));
    known.push(...all.map((record) => record.name), ...[...declared.values()].map((entity) => entity.name));
  }
  const guess = name === undefined ? undefined : likelyKey(name, known);
  if (records.length > 0) emit(context, options.output, [renderKeyLog(records)]);
  else context.err(`Nothing is on record of ${name ?? "any key"}.${guess === undefined ? "" : ` ${guess}`}\n`);
  return EXIT.done;
}

/** The hint for a key that nobody knows by that name; undefined where it is known, or is like none. */
export function likelyKey(name: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  const guess = names.includes(name) ? undefined : nearest(name, names);
  return guess === undefined ? undefined : `Did you mean "${guess}"?`;
}

/** The chosen targets whose platform has keys. Throws `OperatorError` where none has. */
export function keyTargets(workspace: Workspace, options: Pick<KeysOptions, "target">): Target[] {
  const chosen = chooseTargets(workspace.policies, options.target);
  const targets = chosen.filter((target) => keyKindOf(driverOf(target).platform) !== undefined);
  if (targets.length > 0) return targets;
  const [first] = chosen;
  throw new OperatorError(
    chosen.length === 1 && first
      ? `The platform of ${first.name} has no keys that Rolebook knows of`
      : "No target of the settings is on a platform with keys",
  );
}

async function lookAtKeys(
  context: Context,
  workspace: Workspace,
  target: Target,
  options: KeysOptions,
  now: Date,
): Promise<KeyLines> {
  return readKeyLines(context, workspace, target, { offline: options.offline, now }, readLive(context, target, {}));
}

/** A line for each key of a target, read beside its members. */
export async function readKeyLines(
  context: Context,
  workspace: Workspace,
  target: Target,
  { offline, now }: { readonly offline: boolean; readonly now: Date },
  reading: Promise<Pick<LiveRead, "state">>,
): Promise<KeyLines> {
  const [list, live] = await Promise.all([readKeys(context, target), reading]);
  for (const { message } of list.findings) context.err(`Warning: ${message}\n`);
  const { platform } = driverOf(target);
  const keys = keyLines({
    platform,
    kind: requiredKind(platform),
    declared: declaredKeys(workspace, target, now).values(),
    rows: list.rows,
    members: live.state.get(MEMBER) ?? EMPTY_SECTION,
    rotations: rotationsOf(await keyRecords(context, workspace, target, { offline })).filter(({ ended }) => !ended),
    now,
    warnDays: target.warnDays,
  });
  return { target: target.name, keys };
}

async function readKeys(context: Context, target: Target) {
  const { openKeys } = await driverOf(target).load();
  const reader = openKeys?.(connectionOf(context, target));
  if (!reader) throw new PlatformError(`the keys of ${target.name} cannot be read`);
  try {
    return await reader.list();
  } finally {
    await reader.close();
  }
}

export function requiredKind(platform: Platform): KeyKind {
  const kind = keyKindOf(platform);
  if (!kind) throw new Error(`${platform.name} has no kind of keys`);
  return kind;
}

/** Folded name -> declared key. */
export function declaredKeys(workspace: Workspace, target: Target, now: Date): ReadonlyMap<string, Entity> {
  const { platform } = driverOf(target);
  return desiredState(workspace, target, now).state.get(requiredKind(platform).kind) ?? new Map();
}

/** What is on record of keys, also by other clones where the remote can be asked. */
async function keyRecords(
  context: Context,
  { repository }: Workspace,
  target: Target,
  { offline }: Pick<KeysOptions, "offline">,
) {
  if (!repository) return [];
  const { openLedger } = await import("../git/ledger.ts");
  const { readKeySteps } = await import("../git/key-records.ts");
  if (!offline) await (await import("./apply-record.ts")).fetchForLook(context, repository, target.name);
  return readKeySteps(openLedger(repository), target.name);
}
