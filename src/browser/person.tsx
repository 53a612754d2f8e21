// One person: who they are, by which way they hold what they hold, and every grant with where it is written, who asked, who agreed, since
// when, until when, and what speaks against it.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { FlowPicture } from "./flow-picture.tsx";
import { Commit, FileLine, Pull } from "./links.tsx";
import { useNavigation } from "./navigation.ts";
import { Day, RiskBadge } from "./parts.tsx";
import type { PathView, PersonView, ProvenanceView, Review } from "./review.ts";
import { only } from "./view.ts";
import { away, count, number, reasonName } from "./words.ts";

export function Person({ review, person }: { review: Review; person: PersonView }) {
  const { go } = useNavigation();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const [element, before] = [dialog.current, document.activeElement];
    element?.showModal();
    // Whoever goes on is where they were; while the dialog is open, nothing beside it takes the focus.
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const close = () => go((view) => ({ ...view, person: "" }));
  return (
    <dialog
      ref={dialog}
      class="person"
      aria-labelledby="person-title"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={({ target }) => {
        if (target === dialog.current) close();
      }}
    >
      <div class="sheet">
        <div class="person-head">
          <div>
            <h2 id="person-title">{person.name === "" ? person.member : person.name}</h2>
            <p class="quiet">
              {person.name === "" ? null : person.member}
              {person.login === undefined ? null : <span class="dot">{`@${person.login} on the Git host`}</span>}
            </p>
          </div>
          <button type="button" class="plain close" onClick={close}>
            Close
          </button>
        </div>
        <Facts review={review} person={person} />
        <h3>How it comes about</h3>
        <FlowPicture review={review} person={person} />
        <div class="card-head">
          <h3>{count(review.rowsOf(person.index).length, "grant")}</h3>
          <button type="button" class="link" onClick={() => go((view) => only(view, { who: person.member }))}>
            Show in the table
          </button>
        </div>
        <PersonGrants review={review} person={person} />
      </div>
    </dialog>
  );
}

function Facts({ review, person }: { review: Review; person: PersonView }) {
  const { at: now, targets } = review.packed;
  const several = person.accounts.length > 1;
  return (
    <dl class="facts">
      <div>
        <dt>Risk</dt>
        <dd>
          <RiskBadge level={person.risk} />
        </dd>
      </div>
      <div>
        <dt>Weight</dt>
        <dd class="number">{number(Math.round(person.weight * 100) / 100)}</dd>
      </div>
      {person.accounts.map(({ target, lastActive, factor, owner, groups }) => {
        const on = several ? `, ${targets[target]?.name ?? ""}` : "";
        return [
          lastActive === undefined ? null : (
            <div key={`active ${target}`}>
              <dt>{`Last active${on}`}</dt>
              <dd>{lastActive === null ? "never" : away(now, lastActive)}</dd>
            </div>
          ),
          factor === undefined ? null : (
            <div key={`factor ${target}`}>
              <dt>{`Second factor${on}`}</dt>
              <dd>{factor ? "on" : "off"}</dd>
            </div>
          ),
          owner ? (
            <div key={`owner ${target}`}>
              <dt>{`Owner-equivalent${on}`}</dt>
              <dd>could take anything</dd>
            </div>
          ) : null,
          <div key={`groups ${target}`} class="long">
            <dt>{`Groups${on}`}</dt>
            <dd>{groups.length === 0 ? "none" : groups.join(", ")}</dd>
          </div>,
        ];
      })}
    </dl>
  );
}

/** Grants that differ in nothing but their scope are one. */
interface Bundle {
  readonly row: number;
  readonly scopes: string[];
}

function bundlesOf(review: Review, person: PersonView): Bundle[] {
  const { rows } = review;
  const bundles = new Map<string, Bundle>();
  for (const row of review.rowsOf(person.index)) {
    const columns = [rows.target, rows.resource, rows.level, rows.paths, rows.provenance, rows.until, rows.owner];
    const more = [rows.reasons, rows.exceptions, rows.drift, rows.risk];
    const key = [...columns, ...more].map((column) => column[row]).join();
    const bundle = bundles.get(key) ?? { row, scopes: [] };
    bundle.scopes.push(review.text(rows.scope[row] ?? -1) ?? "");
    bundles.set(key, bundle);
  }
  return [...bundles.values()];
}

const FIRST = 60;

function PersonGrants({ review, person }: { review: Review; person: PersonView }) {
  const bundles = useMemo(() => bundlesOf(review, person), [review, person]);
  const [most, setMost] = useState(FIRST);
  return (
    <>
      <ul class="held">
        {bundles.slice(0, most).map((bundle) => (
          <Held key={bundle.row} review={review} bundle={bundle} />
        ))}
      </ul>
      {bundles.length > most ? (
        <button type="button" class="link all" onClick={() => setMost(most * 5)}>
          {`Show more of ${number(bundles.length)}`}
        </button>
      ) : null}
    </>
  );
}

function Held({ review, bundle: { row, scopes } }: { review: Review; bundle: Bundle }) {
  const { rows, packed } = review;
  const target = rows.target[row] ?? 0;
  const until = review.text(rows.until[row] ?? -1);
  const reasons = review.reasons(row);
  const drift = driftOf(review, row);
  const exceptions = review.exceptions(row);
  return (
    <li class={`held-one risk-edge ${review.level(row)}`}>
      <div class="held-head">
        <span class="held-name">
          <strong>{review.text(rows.resource[row] ?? -1)}</strong>
          {": "}
          <span class="level">{review.text(rows.level[row] ?? -1)}</span>
          {" in "}
          {scopes.join(", ")}
          {packed.targets.length > 1 ? <span class="quiet">{` on ${packed.targets[target]?.name}`}</span> : null}
        </span>
        <RiskBadge level={review.level(row)} />
      </div>
      <ul class="reasons">
        {reasons.map(({ code, text }) => (
          <li key={code}>
            <strong>{reasonName(code)}</strong> <span class="quiet">{text}</span>
          </li>
        ))}
        {drift === undefined ? null : (
          <li>
            <strong>Drift</strong> <span class="quiet">{drift}</span>
          </li>
        )}
        {exceptions.map(({ guardrail, reason, approver, until: end }) => (
          <li key={guardrail}>
            <strong>{`Exception of ${guardrail}`}</strong>{" "}
            <span class="quiet">{`${reason}; agreed by ${approver}, until ${end}`}</span>
          </li>
        ))}
      </ul>
      <ul class="paths">
        {review.paths(row).map((path, index) => (
          <PathLine key={index} path={path} target={target} />
        ))}
      </ul>
      {until === undefined ? null : (
        <p class="ends">
          {"Ends "}
          <Day at={until} /> <span class="quiet">{away(packed.at, until)}</span>
        </p>
      )}
    </li>
  );
}

/** In words, where no reason says it already. */
function driftOf(review: Review, row: number): string | undefined {
  const drift = review.drift(row);
  switch (drift) {
    case "none":
      return undefined;
    case "more":
      return "files say it at a lower level";
    case "extra":
      return review.reasons(row).some(({ code }) => code === "not-in-git") ? undefined : "no file says it";
    default:
      return drift satisfies never;
  }
}

function PathLine({ path, target }: { path: PathView; target: number }) {
  return (
    <li>
      <div>
        <span>{path.group ?? "Directly"}</span>
        {path.role === undefined ? null : <span class="arrow">{path.role}</span>}
        {path.level === undefined ? null : <span class="quiet">{` only ${path.level}`}</span>}
        {path.until === undefined ? null : <span class="quiet">{`, until ${path.until}`}</span>}
        {path.reason === undefined ? null : <span class="quiet">{`: ${path.reason}`}</span>}
      </div>
      <div class="quiet small">
        <Granted provenance={path.provenance} />
      </div>
      {path.places.length === 0 ? null : (
        <ul class="places small">
          {path.places.map(({ what, file, line }) => (
            <li key={what}>
              <span class="quiet">{what}</span> <FileLine target={target} file={file} line={line} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

const HOW: Readonly<Record<ProvenanceView["how"], string>> = {
  applied: "Applied",
  written: "Written",
  unmanaged: "No file says it",
  unknown: "Older than the history that is here",
};

function Granted({ provenance }: { provenance: ProvenanceView }) {
  const { how, since, commit, pull, author, approvers, emergency, emergencyBy } = provenance;
  return (
    <>
      {HOW[how]}
      {since === null ? null : (
        <>
          {" "}
          <Day at={since} />
        </>
      )}
      {commit === null ? null : (
        <>
          {" with "}
          <Commit id={commit} />
        </>
      )}
      {pull === null ? null : (
        <>
          {" of "}
          <Pull number={pull} />
        </>
      )}
      {author === null ? null : ` by ${author}`}
      {emergency
        ? `, in an emergency that ${emergencyBy === undefined ? "" : `${emergencyBy} declared and `}nobody approved`
        : approvers.length > 0
          ? `, approved by ${approvers.join(", ")}`
          : how === "applied" || how === "written"
            ? ", approved by nobody that is known"
            : ""}
    </>
  );
}
