// The evidence of a campaign as one page that an auditor can be sent: no script, nothing fetched, fit for print. It shows what the other
// files say and is none of the proof itself. The same evidence gives the same bytes, so that whoever checks it can write it again.
import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";
import { closeDocument, openDocument } from "./document.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "./escape.ts";
import { type EvidenceRow, evidenceRows, figuresOfEvidence, type ShownEvidence } from "./evidence-rows.ts";
import { EVIDENCE_STYLE } from "./evidence-style.ts";
import { describeInstant } from "./review-words.ts";

/** The page, whole. */
export function renderEvidenceHtml(evidence: ShownEvidence): string {
  const parts = { title: `Access review ${evidence.start.id}: evidence`, style: EVIDENCE_STYLE };
  return `${openDocument(parts)}${renderToString(<Page evidence={evidence} />)}\n${closeDocument(parts)}`;
}

function text(value: string): string {
  return escapeTerminal(value, MESSAGE_LENGTH);
}

function Page({ evidence }: { evidence: ShownEvidence }) {
  const { start, about, proof } = evidence;
  const rows = evidenceRows(evidence);
  const of = (wanted: EvidenceRow["kind"]) => rows.filter(({ kind }) => kind === wanted);
  const vanished = of("vanished");
  return (
    <div class="frame">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header>
        <h1>{`Access review ${text(start.id)}: evidence`}</h1>
      </header>
      <main id="content" tabIndex={-1}>
        <p class="lead">
          {start.definition.description === undefined ? "" : `${text(start.definition.description)}. `}
          {`Closed ${describeInstant(about.closedAt)}. What is held was read from the platforms at ${describeInstant(proof.at)}.`}
        </p>
        <ul class="figures">
          {figuresOfEvidence(rows).map(({ figure, name, alarming }) => (
            <li class={alarming ? "alarming" : undefined}>
              <strong>{String(figure)}</strong>
              {name}
            </li>
          ))}
        </ul>
        <Course evidence={evidence} />
        <Decisions title="Taken away or limited" rows={of("changed")} none="Nothing: everything was kept." />
        <Decisions title="Kept" rows={of("kept")} none="Nothing." />
        {vanished.length === 0 ? null : <Decisions title="Gone before anybody decided" rows={vanished} none="" />}
        <Approvals evidence={evidence} />
        <Noted evidence={evidence} />
        <Files evidence={evidence} />
      </main>
    </div>
  );
}

function Section({ title, size, children }: { title: string; size?: number; children: ComponentChildren }) {
  return (
    <section class="card">
      <h2>
        {title}
        {size === undefined ? null : <span class="size">{String(size)}</span>}
      </h2>
      {children}
    </section>
  );
}

/** What happened when, and by which commits. */
function Course({ evidence: { start, decided, about } }: { evidence: ShownEvidence }) {
  const { changes } = about.pulls;
  const steps: readonly (readonly [when: string, what: string])[] = [
    ["Began", `${describeInstant(start.startedAt)}, from commit ${about.commits.start}`],
    ["To decide", `until ${start.due}`],
    ["Decided", `${describeInstant(decided.at)}, in pull request ${decided.pull}, merged as commit ${decided.commit}`],
    [
      "Changes",
      changes === null
        ? "none were needed"
        : `pull request ${changes}, merged as commit ${about.commits.changes ?? "unknown"}`,
    ],
    ["Closed", `${describeInstant(about.closedAt)}, by ${text(about.tool)}`],
  ];
  return (
    <Section title="Course">
      <dl>
        {steps.map(([when, what]) => (
          <>
            <dt>{when}</dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
    </Section>
  );
}

/** A table; its style lays each row out as a card on a phone. */
function Table({ heads, name, children }: { heads: readonly string[]; name: string; children: ComponentChildren }) {
  return (
    <table class={name}>
      <thead>
        <tr>
          {heads.map((head) => (
            <th scope="col">{head}</th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

const DECISION_HEADS = ["Person", "Gave", "Decision", "By", "Proved"] as const;

function Decisions({ title, rows, none }: { title: string; rows: readonly EvidenceRow[]; none: string }) {
  return (
    <Section title={title} size={rows.length}>
      {rows.length === 0 ? (
        <p class="quiet">{none}</p>
      ) : (
        <Table heads={DECISION_HEADS} name="decisions">
          {rows.map((row) => (
            <DecisionRow row={row} />
          ))}
        </Table>
      )}
    </Section>
  );
}

function DecisionRow({ row }: { row: EvidenceRow }) {
  const [person, gave, decision, by, proved] = DECISION_HEADS;
  return (
    <tr>
      <td data-head={person}>
        <div>
          <strong>{text(row.member)}</strong>
          <span class="under">{text(`${row.target}: ${row.through.join(", ")}`)}</span>
        </div>
      </td>
      <td data-head={gave}>
        <Gives gives={row.gives} />
      </td>
      <td data-head={decision}>
        <div>
          <strong>{text(row.decision)}</strong>
          {row.justification === "" ? null : <span class="under">{text(row.justification)}</span>}
        </div>
      </td>
      <td data-head={by}>
        <div>
          {text(row.who)}
          {row.at === "" ? null : <span class="under">{describeInstant(row.at)}</span>}
        </div>
      </td>
      <td data-head={proved}>
        <div>
          <span class={`badge ${row.held && !row.again ? "good" : "bad"}`}>{row.proved}</span>
          {row.receipt === "" ? null : <span class="under">{text(row.receipt)}</span>}
        </div>
      </td>
    </tr>
  );
}

/** So many lines are shown before the rest is folded. */
const SHOWN = 3;

function Gives({ gives }: { gives: readonly string[] }) {
  const list = (some: readonly string[]) => (
    <ul class="gives">
      {some.map((line) => (
        <li>{text(line)}</li>
      ))}
    </ul>
  );
  if (gives.length <= SHOWN + 1) return list(gives);
  return (
    <div>
      {list(gives.slice(0, SHOWN))}
      <details>
        <summary>{`and ${gives.length - SHOWN} more`}</summary>
        {list(gives.slice(SHOWN))}
      </details>
    </div>
  );
}

function Rows({ heads, rows, name }: { heads: readonly string[]; rows: readonly (readonly string[])[]; name: string }) {
  return (
    <Table heads={heads} name={name}>
      {rows.map((row) => (
        <tr>
          {row.map((value, index) => (
            <td data-head={heads[index]}>{text(value)}</td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

function Approvals({ evidence: { decided } }: { evidence: ShownEvidence }) {
  const rows = decided.approvals.map(({ login, members, pull, review, commit, at, files }) => [
    `${login} (${members.join(", ")})`,
    `#${pull}, review ${review}`,
    describeInstant(at),
    commit,
    files.map(({ path }) => path).join(", "),
  ]);
  return (
    <Section title="Approvals" size={rows.length}>
      {rows.length === 0 ? (
        <p class="quiet">None counted.</p>
      ) : (
        <Rows heads={["Who", "Review", "When", "At commit", "Files"]} rows={rows} name="approvals" />
      )}
    </Section>
  );
}

function Noted({ evidence: { decided } }: { evidence: ShownEvidence }) {
  if (decided.findings.length === 0) return null;
  return (
    <Section title="Worth a look" size={decided.findings.length}>
      <Rows
        heads={["What", "Code"]}
        rows={decided.findings.map(({ message, code }) => [message, code])}
        name="findings"
      />
    </Section>
  );
}

function Files({ evidence: { digests } }: { evidence: ShownEvidence }) {
  return (
    <Section title="Files and their SHA-256 digests" size={Object.keys(digests).length}>
      <p class="quiet">
        The evidence is these files; this page only shows them. <code>rolebook review verify</code> checks all of it,
        offline.
      </p>
      <Table heads={["File", "SHA-256"]} name="files">
        {Object.entries(digests).map(([path, digest]) => (
          <tr>
            <td data-head="File">{text(path)}</td>
            <td data-head="SHA-256">
              <span class="digest">{digest}</span>
            </td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}
