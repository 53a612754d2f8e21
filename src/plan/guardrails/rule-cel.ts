// Guardrails that are a CEL expression: asked of each member, grant, group, role, other thing or change, or of the plan, whatever it says
// true of breaks the rule. Everything is asked within one number of steps for the whole guardrail.
import { type Entity, entityAt, keyOf, membershipSection } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant } from "../../model/grant.ts";
import type { CelSubject, Guardrail } from "../../model/guardrail.ts";
import { GROUP, MEMBER } from "../../model/platform.ts";
import { type Answer, type Compiled, compileExpression, isProblem, tooManySteps, withoutMember } from "./cel.ts";
import { quoteExpression } from "./cel-messages.ts";
import { CelChange, CelPlan, concernedBy } from "./cel-plan-values.ts";
import { CelEntity, CelGroup, CelMember, CelRole, CelValues } from "./cel-values.ts";
import { type Subject, subjectsOf } from "./entities.ts";
import type { Ground, RuleProblem, Violation } from "./ground.ts";

type CelGuardrail = Guardrail & { readonly rule: "cel" };

/** Steps that a guardrail has for everything it is asked of, and for each of those besides. */
const STEPS_PER_GUARDRAIL = 20_000_000;
const STEPS_PER_SUBJECT = 200;
/** Besides, for each grant that must be asked about with its holder: a plain rule takes ten or twenty. */
const STEPS_PER_PAIR = 50;
/** What a violation costs, so that a rule that denies everything does not fill the memory. */
const STEPS_PER_VIOLATION = 200;

export interface CelJudgement {
  readonly violations: readonly Violation[];
  /** At most one: what is wrong with the expression, or with the first answer that could not be given. */
  readonly problems: readonly RuleProblem[];
}

/** Whether an expression looks at nothing, and so denies nothing ever. */
export function neverDenies({ with: { for: subject, deny } }: CelGuardrail): boolean {
  const compiled = compileExpression(subject, deny);
  return !isProblem(compiled) && compiled.constant && compiled.evaluate({}, STEPS_PER_GUARDRAIL).answer === false;
}

/**
 * Asks a rule of everything in a state, or in what leads to it; a rule for members or grants, of some members where `among`
 * names them (folded). Rules for changes and the plan say nothing of a state alone.
 */
export function judgeCel(guardrail: CelGuardrail, ground: Ground, among?: ReadonlySet<string>): CelJudgement {
  const { for: subject, deny } = guardrail.with;
  const compiled = compileExpression(subject, deny);
  if (isProblem(compiled)) return { violations: [], problems: [compiled] };
  const askAll = (inOrder: boolean) => {
    const asking = new Asking(compiled, ground, deny, among, inOrder);
    JUDGES[subject](asking);
    return asking;
  };
  // Sorting very many people costs more than asking them. What order they are asked in matters only for which of several
  // problems is the first, and for whom steps run out at; whether they do is the same in any.
  const quick = subject === "member" ? askAll(false) : undefined;
  if (quick && !quick.problem)
    return { violations: quick.violations.sort((a, b) => compareText(a.subject, b.subject)), problems: [] };
  const { violations, problem } = askAll(true);
  return { violations, problems: problem ? [problem] : [] };
}

const ROLE = "Role";
/** Kinds that rules ask about by a name of their own. */
const OWN_SUBJECTS: readonly string[] = [MEMBER, GROUP, ROLE];

const JUDGES: Readonly<Record<CelSubject, (asking: Asking) => void>> = {
  member: judgeMembers,
  grant: judgeGrants,
  group: judgeGroups,
  role: judgeRoles,
  entity: judgeEntities,
  change: judgeChanges,
  plan: judgePlan,
};

/** One guardrail being asked: what it has said and what it has left. */
class Asking {
  readonly ground: Ground;
  readonly values: CelValues;
  readonly rule: string;
  readonly among: ReadonlySet<string> | undefined;
  readonly inOrder: boolean;
  readonly violations: Violation[] = [];
  problem: RuleProblem | undefined;
  readonly #compiled: Compiled;
  #steps = STEPS_PER_GUARDRAIL;

  constructor(
    compiled: Compiled,
    ground: Ground,
    deny: string,
    among: ReadonlySet<string> | undefined,
    inOrder: boolean,
  ) {
    this.ground = ground;
    this.among = among;
    this.inOrder = inOrder;
    this.values = valuesOf(ground);
    this.rule = quoteExpression(deny);
    this.#compiled = compiled;
  }

  get exhausted(): boolean {
    return this.#steps <= 0;
  }

  /** The members it is asked of, in code-point order where that is asked for. */
  get members(): readonly Entity[] {
    const { among, inOrder } = this;
    if (!among) return inOrder ? this.values.sorted(MEMBER) : [...(this.ground.state.get(MEMBER)?.values() ?? [])];
    return (inOrder ? [...among].sort() : [...among]).flatMap(
      (local) => entityAt(this.ground.state, MEMBER, local) ?? [],
    );
  }

  /** Adds the steps for so many more things to be asked of. */
  expect(subjects: number, each = STEPS_PER_SUBJECT): void {
    this.#steps += subjects * each;
  }

  /** What the rule says; `unknown` also when it cannot be told. */
  ask(variables: object, subject: () => string): boolean | "unknown" {
    const answer = this.#answer(variables);
    if (typeof answer !== "object") return answer;
    this.problem ??= { ...answer, message: `${answer.message}, asked of ${subject()}` };
    return "unknown";
  }

  /** What the rule says with something left open, where that is all it takes. */
  guess(variables: object): boolean | "unknown" {
    const answer = this.#answer(variables);
    return typeof answer === "object" ? "unknown" : answer;
  }

  #answer(variables: object): Answer {
    const { answer, steps } = this.#compiled.evaluate(variables, this.#steps);
    this.#take(steps + 1);
    return answer;
  }

  #take(steps: number): void {
    this.#steps -= steps;
    if (this.exhausted) this.problem ??= tooManySteps();
  }

  deny(violation: Violation): void {
    this.#take(STEPS_PER_VIOLATION);
    if (!this.exhausted) this.violations.push(violation);
  }

  /** The variables that every rule has. */
  get always(): object {
    return { target: this.ground.target.name, today: this.ground.now };
  }
}

/** Values are kept for a ground, since every guardrail is asked of the same one. */
const kept = new WeakMap<Ground, CelValues>();

function valuesOf(ground: Ground): CelValues {
  const values = kept.get(ground) ?? new CelValues(ground);
  kept.set(ground, values);
  return values;
}

function judgeMembers(asking: Asking): void {
  const { ground, values, always } = asking;
  const { members } = asking;
  asking.expect(members.length);
  const variables: Record<string, unknown> = { ...always };
  for (const entity of members) {
    if (asking.exhausted) return;
    variables.member = new CelMember(values, entity);
    if (asking.ask(variables, () => `member ${entity.name}`) !== true) continue;
    asking.deny({
      subject: `member ${entity.local}`,
      member: entity.local,
      text: `${entity.name} is what the rule denies: ${asking.rule}`,
      values: { member: entity.name },
      ...causeOf(ground, entity),
    });
  }
}

/** A grant that the rule denies, or that depends on whose it is. */
interface Suspect {
  readonly grant: Grant;
  /** All but whose it is, which is put in before each question. */
  readonly variables: Record<string, unknown>;
  readonly denied: boolean;
}

/** Grants are asked about once for everyone who holds the same, without whose they are; only where that does not do, for each. */
function judgeGrants(asking: Asking): void {
  const { ground, values } = asking;
  const suspects = new Map<readonly Grant[], readonly Suspect[]>();
  const { members } = asking;
  asking.expect(members.length);
  for (const entity of members) {
    if (asking.exhausted) return;
    const grants = ground.view.grantsOf(entity.local);
    const found = suspects.get(grants) ?? suspectsAmong(asking, grants);
    suspects.set(grants, found);
    if (found.length === 0) continue;
    const member = new CelMember(values, entity);
    for (const { grant, variables, denied } of found) {
      const words = () => `grant ${grant.resource} ${grant.scope} of ${entity.name}`;
      variables.member = member;
      if (!denied) asking.expect(1, STEPS_PER_PAIR);
      if (denied || asking.ask(variables, words) === true) asking.deny(brokenByGrant(asking, entity, grant));
      if (asking.exhausted) return;
    }
  }
}

function suspectsAmong(asking: Asking, grants: readonly Grant[]): Suspect[] {
  const { always, values } = asking;
  return values.grantsOf(grants).flatMap((value, index) => {
    const grant = grants[index] as Grant;
    const variables = { ...always, grant: value };
    const said = asking.guess(withoutMember(variables));
    return said === false ? [] : [{ grant, variables, denied: said === true }];
  });
}

function brokenByGrant({ ground }: Asking, entity: Entity, grant: Grant): Violation {
  const { resource, level, scope, via } = grant;
  const [path] = via;
  const groups = new Set(via.map(({ group }) => group));
  const [only] = groups;
  return {
    subject: `grant ${entity.local} ${resource} ${scope}`,
    degree: ground.platform.rankOf(resource, level),
    member: entity.local,
    cell: `${resource}\n${scope}`,
    // A group is excepted only where nothing else gives the same.
    ...(groups.size === 1 && only !== undefined ? { group: ground.platform.fold(only) } : {}),
    text: `${entity.name} holds ${resource} ${level} in ${scope}${pathsOf(grant)}, which the rule denies`,
    values: {
      member: entity.name,
      permission: `${resource} ${level}`,
      scope,
      ...(path?.group === undefined ? {} : { group: path.group }),
      ...(path?.role === undefined ? {} : { role: path.role }),
    },
    ...causeOfGrant(ground, entity, path?.group),
  };
}

function pathsOf({ via }: Grant): string {
  const words = via.map(({ group, role }) =>
    [group ?? "directly", role].filter((part) => part !== undefined).join(" / "),
  );
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}

/** The membership that gives it; for what is held directly, the member. */
function causeOfGrant(ground: Ground, member: Entity, group: string | undefined): Pick<Violation, "place" | "key"> {
  const section = group === undefined ? undefined : membershipSection(ground.platform.fold(group));
  const membership = section === undefined ? undefined : entityAt(ground.state, section, member.local);
  return causeOf(ground, membership ?? member);
}

function judgeGroups(asking: Asking): void {
  const { ground, values } = asking;
  const variables = (entity: Entity) => ({ group: new CelGroup(ground, entity) });
  judgeEach(asking, values.sorted(GROUP), "group", variables, ({ local, name }) => {
    return { subject: `group ${local}`, group: local, values: { group: name } };
  });
}

function judgeRoles(asking: Asking): void {
  const variables = (entity: Entity) => ({ role: new CelRole(entity) });
  judgeEach(asking, asking.values.sorted(ROLE), "role", variables, ({ local, name }) => {
    return { subject: `role ${local}`, role: local, values: { role: name } };
  });
}

/** Everything that no other subject is for, kind by kind. */
function judgeEntities(asking: Asking): void {
  const { ground } = asking;
  const others = ground.platform.kinds.filter(
    ({ kind, identity }) => identity !== "group" && !OWN_SUBJECTS.includes(kind),
  );
  for (const { kind } of others) {
    const subjects = new Map([...subjectsOf(kind, ground)].map((subject) => [subject.entity, subject]));
    const entities = [...subjects.keys()].sort((a, b) => compareText(a.local, b.local));
    const variables = (entity: Entity) => ({ entity: new CelEntity(subjects.get(entity) as Subject) });
    judgeEach(asking, entities, kind, variables, ({ local, name }) => {
      return { subject: `${kind} ${local}`, entity: { kind, local }, values: { kind, name } };
    });
  }
}

/** Asks of entities in order. `word`: what one is called in a sentence. */
function judgeEach(
  asking: Asking,
  entities: readonly Entity[],
  word: string,
  variablesOf: (entity: Entity) => object,
  about: (entity: Entity) => Pick<Violation, "subject" | "group" | "role" | "entity" | "values">,
): void {
  const { ground, always } = asking;
  asking.expect(entities.length);
  for (const entity of entities) {
    if (asking.exhausted) return;
    if (asking.ask({ ...always, ...variablesOf(entity) }, () => `${word} ${entity.name}`) !== true) continue;
    const text = `The ${word} ${entity.name} is what the rule denies: ${asking.rule}`;
    asking.deny({ ...about(entity), text, ...causeOf(ground, entity) });
  }
}

function judgeChanges(asking: Asking): void {
  const { ground, always } = asking;
  const changes = [...(ground.plan?.changes ?? [])].sort((a, b) => compareText(a.key, b.key));
  asking.expect(changes.length);
  for (const change of changes) {
    if (asking.exhausted) return;
    const words = `${change.action} ${change.kind} ${change.name}`;
    if (asking.ask({ ...always, change: new CelChange(change) }, () => words) !== true) continue;
    const { member, group } = concernedBy(change);
    const { fold } = ground.platform;
    asking.deny({
      subject: `change ${change.action} ${change.key}`,
      ...(member === undefined ? {} : { member: fold(member) }),
      ...(group === undefined ? {} : { group: fold(group) }),
      text: `The change "${words}" is what the rule denies: ${asking.rule}`,
      values: {
        change: words,
        ...(member === undefined ? {} : { member }),
        ...(group === undefined ? {} : { group }),
        ...(change.kind === "Role" ? { role: change.name } : {}),
      },
      ...(change.place ? { place: change.place } : { key: change.key }),
    });
  }
}

function judgePlan(asking: Asking): void {
  const { ground, always } = asking;
  if (!ground.plan) return;
  asking.expect(ground.plan.changes.length);
  if (asking.ask({ ...always, plan: new CelPlan(ground.plan) }, () => "the plan") !== true) return;
  asking.deny({ subject: "plan", text: `The plan is what the rule denies: ${asking.rule}`, values: {} });
}

/** Where an entity is declared, or its key. */
function causeOf({ declared }: Ground, entity: Entity): Pick<Violation, "place" | "key"> {
  const place = (entityAt(declared, entity.section, entity.local) ?? entity).place;
  return place ? { place } : { key: keyOf(entity) };
}
