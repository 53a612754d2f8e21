// The evidence of a campaign as one page that an auditor can be sent: no script, nothing fetched, fit for print. It shows what the other
// files say and is none of the proof itself. The same evidence gives the same bytes, so that whoever checks it can write it again.
import { renderToString } from "preact-render-to-string";
import type { CampaignStart, ProvedEntry } from "../model/campaign.ts";
import { decisionText } from "../model/decision.ts";
import type { CampaignDecided, CampaignProof, EvidenceAbout } from "../model/evidence.ts";
import { closeDocument, openDocument } from "./document.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "./escape.ts";

export interface ShownEvidence {
  readonly start: CampaignStart;
  readonly decided: CampaignDecided;
  readonly proof: CampaignProof;
  readonly about: EvidenceAbout;
  /** Path -> SHA-256 of the other files. */
  readonly digests: Readonly<Record<string, string>>;
}

const STYLE = `
h2 { margin: 2rem 0 0.75rem; }
dl { display: grid; grid-template-columns: minmax(5.5rem, auto) 1fr; gap: 0.15rem 0.75rem; }
dt { color: var(--quiet); }
dd { margin: 0; min-width: 0; }
table { font-size: 0.9rem; }
@media print { .skip { display: none; } }
`;

/** The page, whole. */
export function renderEvidenceHtml(evidence: ShownEvidence): string {
  const parts = { title: `Access review ${evidence.start.id}: evidence`, style: STYLE };
  return `${openDocument(parts)}${renderToString(<Page evidence={evidence} />)}\n${closeDocument(parts)}`;
}

function text(value: string): string {
  return escapeTerminal(value, MESSAGE_LENGTH);
}

function Page({ evidence }: { evidence: ShownEvidence }) {
  const { start, decided, about } = evidence;
  return (
    <div class="frame">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <h1>{`Access review ${start.id}`}</h1>
      <main id="content" tabIndex={-1}>
        <dl>
          <dt>Began</dt>
          <dd>{`${start.startedAt}, from commit ${about.commits.start}`}</dd>
          <dt>Decided</dt>
          <dd>{`${decided.at}, pull request ${decided.pull}, merged as ${decided.commit}`}</dd>
          <dt>Closed</dt>
          <dd>{`${about.closedAt}, by ${text(about.tool)}`}</dd>
          <dt>Changes</dt>
          <dd>
            {about.pulls.changes === null
              ? "none were needed"
              : `pull request ${about.pulls.changes}, merged as ${about.commits.changes ?? "unknown"}`}
          </dd>
        </dl>
        <Decisions evidence={evidence} />
        <Approvals evidence={evidence} />
        <Noted evidence={evidence} />
        <Files evidence={evidence} />
      </main>
    </div>
  );
}

function Rows({ head, rows }: { head: readonly string[]; rows: readonly (readonly string[])[] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {head.map((name) => (
              <th scope="col">{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell) => (
                <td>{text(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Decisions({ evidence: { start, decided, proof } }: { evidence: ShownEvidence }) {
  const decisions = new Map(decided.entries.map((one) => [one.entry, one]));
  const proved = new Map(proof.entries.map((one) => [one.entry, one]));
  const made = new Map(proof.made.map((one) => [one.entry, one]));
  const rows = start.entries.map(({ id, target, member, groups, roles, gives }) => {
    const [one, by] = [decisions.get(id), made.get(id)];
    return [
      target,
      member,
      [...groups, ...roles].join(", "),
      gives.join("; "),
      one ? decisionText(one.decision) : "gone before it was decided",
      one?.justification ?? "",
      one === undefined ? "" : one.by === "default" ? "nobody, by default" : one.who,
      one?.approval?.at ?? "",
      resultOf(proved.get(id)),
      by === undefined ? "" : (by.receipt ?? "gone before it was applied"),
    ];
  });
  return (
    <section>
      <h2>Decisions and proof</h2>
      <Rows
        head={["Target", "Person", "Through", "Gave", "Decision", "Why", "Who", "Approved", "Proved", "Receipt"]}
        rows={rows}
      />
    </section>
  );
}

function resultOf(proved: ProvedEntry | undefined): string {
  return proved?.again ? `${proved.result}, and held again: nobody reviewed that` : (proved?.result ?? "");
}

function Approvals({ evidence: { decided } }: { evidence: ShownEvidence }) {
  const rows = decided.approvals.map(({ login, members, pull, review, commit, at, files }) => [
    login,
    members.join(", "),
    `#${pull}, review ${review}`,
    commit,
    at,
    files.map(({ path }) => path).join(", "),
  ]);
  return (
    <section>
      <h2>Approvals</h2>
      <Rows head={["Login", "Member", "Review", "Commit", "When", "Files"]} rows={rows} />
    </section>
  );
}

function Noted({ evidence: { decided } }: { evidence: ShownEvidence }) {
  if (decided.findings.length === 0) return null;
  return (
    <section>
      <h2>Worth a look</h2>
      <Rows head={["What", "Code"]} rows={decided.findings.map(({ message, code }) => [message, code])} />
    </section>
  );
}

function Files({ evidence: { digests } }: { evidence: ShownEvidence }) {
  return (
    <section>
      <h2>Files and their SHA-256 digests</h2>
      <Rows head={["File", "SHA-256"]} rows={Object.entries(digests)} />
    </section>
  );
}
