// The controller's status as one HTML page: no script, nothing fetched, usable on a phone and by keyboard. It does not renew itself,
// so that nobody who reads it slowly or has it read to them is thrown back to its top. Whatever is shown is escaped twice over: what is
// invisible is made visible, and Preact makes text of the rest.
import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";
import type {
  CampaignStatus,
  ErrorStatus,
  HeldStatus,
  PullStatus,
  QueueStatus,
  ReceiptStatus,
  Status,
  TargetStatus,
} from "../model/status.ts";
import { escapeTerminal, MESSAGE_LENGTH, showName } from "./escape.ts";
import {
  Badge,
  Commit,
  count,
  Link,
  type Links,
  linksOf,
  type Mood,
  Pull,
  Section,
  Time,
  text,
} from "./status-parts.tsx";
import { STATUS_STYLE } from "./status-style.ts";

/** The page, whole, as bytes are sent. The same status gives the same page. */
export function renderStatusPage(status: Status): string {
  return `<!doctype html>\n${renderToString(<Page status={status} />)}\n`;
}

function Page({ status }: { status: Status }) {
  const { repository } = status;
  const links = linksOf(repository.url);
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`Rolebook: ${text(repository.name)}`}</title>
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: STATUS_STYLE }} />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        <Header status={status} links={links} />
        <main id="content" tabIndex={-1}>
          <Targets status={status} links={links} />
          <Held targets={status.targets} links={links} />
          <Pulls pulls={status.pulls} links={links} />
          <Campaigns campaigns={status.campaigns} links={links} />
          <Receipts receipts={status.receipts} links={links} />
          <Queue queue={status.queue} />
          <Errors errors={status.errors} />
        </main>
        <footer class="quiet">
          <p>
            {text(status.tool)}, as of <Time at={status.at} />. <a href="/">Load again</a> ·{" "}
            <a href="/status.json">as JSON</a> · <a href="/metrics">metrics</a>
          </p>
        </footer>
      </body>
    </html>
  );
}

const STATES: Readonly<Record<Status["state"], { readonly mood: Mood; readonly words: string }>> = {
  starting: { mood: "wait", words: "starting" },
  running: { mood: "good", words: "running" },
  stopping: { mood: "wait", words: "stopping" },
};

function Header({ status, links }: { status: Status; links: Links }) {
  const { mood, words } = STATES[status.state];
  return (
    <header>
      <div class="head">
        <h1>
          Rolebook: <Link to={links.home}>{text(status.repository.name)}</Link>
        </h1>
        <Badge mood={mood}>{words}</Badge>
      </div>
      <p class="quiet">
        {status.tip === null || status.branch === null ? (
          "The repository has not been seen yet."
        ) : (
          <>
            {text(status.branch)} is at <Commit id={status.tip} links={links} />
            {status.lookedAt === null ? (
              ""
            ) : (
              <>
                , seen <Time at={status.lookedAt} />
              </>
            )}
            .
          </>
        )}{" "}
        {status.nextLook === null ? (
          ""
        ) : (
          <>
            Next look <Time at={status.nextLook} />;{" "}
          </>
        )}
        {status.nextDrift === null ? (
          ""
        ) : (
          <>
            next look for drift <Time at={status.nextDrift} />.{" "}
          </>
        )}
        {status.webhooks ? "Webhooks are on." : "Webhooks are off: nothing is noticed before the next look."}
      </p>
    </header>
  );
}

function Targets({ status, links }: { status: Status; links: Links }) {
  return (
    <Section id="targets" title="Targets">
      {status.targets.length === 0 ? <p class="quiet">None are known yet.</p> : ""}
      <ul class="cards">
        {status.targets.map((target) => (
          <li class="card" key={target.name}>
            <Target target={target} links={links} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** The one thing about a target that matters most. */
function verdictOf(target: TargetStatus): { readonly mood: Mood; readonly words: string } {
  if (target.paused) return { mood: "wait", words: "paused" };
  if (target.frozen) return { mood: "wait", words: "frozen" };
  if (target.refused !== null) return { mood: "bad", words: "refused" };
  if (target.heldTotal > 0) return { mood: "wait", words: `${target.heldTotal} held` };
  if (target.drift?.escalates) return { mood: "bad", words: "escalating drift" };
  if (target.drift && target.drift.entities > 0) return { mood: "wait", words: "drift" };
  if (target.applied === null) return { mood: "wait", words: "never applied" };
  return target.behind === 0 ? { mood: "good", words: "in step" } : { mood: "wait", words: "behind" };
}

function Target({ target, links }: { target: TargetStatus; links: Links }) {
  const { mood, words } = verdictOf(target);
  return (
    <article>
      <div class="head">
        <h3>{showName(target.name)}</h3>
        <Badge mood={mood}>{words}</Badge>
      </div>
      <dl>
        <dt>Platform</dt>
        <dd>{text(target.platform)}</dd>
        <dt>Applied</dt>
        <dd>
          {target.applied === null ? "nothing yet" : <Commit id={target.applied} links={links} />}
          {target.behind === null || target.behind === 0 ? "" : `, ${count(target.behind, "commit")} behind`}
        </dd>
        <dt>Pending</dt>
        <dd>{target.pending === null ? "not known yet" : count(target.pending, "change")}</dd>
        <dt>Held</dt>
        <dd>{count(target.heldTotal, "change")}</dd>
        <dt>Drift</dt>
        <dd>
          <Drift target={target} links={links} />
        </dd>
        {target.paused ? <Row name="Paused">nothing is applied until the pause is taken back</Row> : ""}
        {target.frozen ? (
          <Row name="Frozen">
            {escapeTerminal(target.frozen.reason, MESSAGE_LENGTH)}
            {target.frozen.until === null ? (
              ""
            ) : (
              <>
                , until <Time at={target.frozen.until} />
              </>
            )}
          </Row>
        ) : (
          ""
        )}
        {target.refused === null ? "" : <Row name="Refused">{escapeTerminal(target.refused, MESSAGE_LENGTH)}</Row>}
      </dl>
    </article>
  );
}

function Row({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Drift({ target: { drift }, links }: { target: TargetStatus; links: Links }) {
  if (!drift) return <>not looked for yet</>;
  return (
    <>
      {drift.entities === 0 ? "none" : count(drift.entities, "entity", "entities")}
      {drift.escalates ? ", somebody gains by it" : ""}
      {drift.pull === null ? (
        ""
      ) : (
        <>
          , see <Pull number={drift.pull} links={links} />
        </>
      )}
      {", as of "}
      <Time at={drift.at} />
    </>
  );
}

function Held({ targets, links }: { targets: readonly TargetStatus[]; links: Links }) {
  const holding = targets.filter(({ heldTotal }) => heldTotal > 0);
  return (
    <Section id="held" title="Held changes">
      {holding.length === 0 ? <p class="quiet">Nothing waits.</p> : ""}
      {holding.map(({ name, held, heldTotal }) => (
        <>
          <h3>{showName(name)}</h3>
          <ul class="rows">
            {held.map((change) => (
              <HeldRow key={change.change} change={change} links={links} />
            ))}
          </ul>
          {heldTotal > held.length ? <p class="quiet">{`and ${heldTotal - held.length} more`}</p> : ""}
        </>
      ))}
    </Section>
  );
}

function HeldRow({ change: { name, why, pull }, links }: { change: HeldStatus; links: Links }) {
  return (
    <li>
      <strong>{showName(name)}</strong>
      {pull === null ? (
        ""
      ) : (
        <>
          {" "}
          of <Pull number={pull} links={links} />
        </>
      )}
      : {escapeTerminal(why, MESSAGE_LENGTH)}
    </li>
  );
}

const CONCLUSIONS: Readonly<Record<string, { readonly mood: Mood; readonly words: string }>> = {
  success: { mood: "good", words: "passes" },
  neutral: { mood: "good", words: "neutral" },
  action_required: { mood: "wait", words: "needs approval" },
  failure: { mood: "bad", words: "refused" },
};

function Pulls({ pulls, links }: { pulls: readonly PullStatus[]; links: Links }) {
  return (
    <Section id="pulls" title="Open pull requests">
      {pulls.length === 0 ? <p class="quiet">None.</p> : ""}
      <ul class="rows">
        {pulls.map(({ number, title, conclusion, planned }) => {
          const verdict = conclusion === null ? undefined : CONCLUSIONS[conclusion];
          return (
            <li class="head" key={number}>
              <span>
                <Pull number={number} links={links} /> {text(title)}
              </span>
              {verdict ? (
                <Badge mood={verdict.mood}>{verdict.words}</Badge>
              ) : (
                <span class="quiet">{planned ? "touches no policy" : "not planned yet"}</span>
              )}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function standingOf({ state, overdue }: CampaignStatus): { readonly mood: Mood; readonly words: string } {
  if (state === "closing") return { mood: "wait", words: "being closed" };
  return overdue ? { mood: "bad", words: "overdue" } : { mood: "wait", words: "being decided" };
}

function Campaigns({ campaigns, links }: { campaigns: readonly CampaignStatus[]; links: Links }) {
  return (
    <Section id="campaigns" title="Access reviews">
      {campaigns.length === 0 ? <p class="quiet">None is open.</p> : ""}
      <ul class="rows">
        {campaigns.map((campaign) => {
          const { mood, words } = standingOf(campaign);
          return (
            <li key={campaign.id}>
              <div class="head">
                <span>
                  <strong>{showName(campaign.id)}</strong>
                  {campaign.pull === null ? (
                    ""
                  ) : (
                    <>
                      , see <Pull number={campaign.pull} links={links} />
                    </>
                  )}
                </span>
                <Badge mood={mood}>{words}</Badge>
              </div>
              <div class="quiet">
                {`${campaign.decided} of ${count(campaign.total, "entry", "entries")} decided; due on ${text(campaign.due)}`}
              </div>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function Receipts({ receipts, links }: { receipts: readonly ReceiptStatus[]; links: Links }) {
  return (
    <Section id="receipts" title="Recent receipts">
      {receipts.length === 0 ? <p class="quiet">The ledger has none.</p> : ""}
      <ul class="rows">
        {receipts.map((receipt) => (
          <li key={`${receipt.target} ${receipt.endedAt} ${receipt.commit}`}>
            <div class="head">
              <span>
                <Time at={receipt.endedAt} /> {text(receipt.target)}, <Commit id={receipt.commit} links={links} />
              </span>
              <Badge mood={receipt.converged ? "good" : "bad"}>
                {receipt.converged ? "converged" : "not converged"}
              </Badge>
            </div>
            <div class="quiet">
              {`${receipt.applied} applied, ${receipt.unapplied} not; ${text(receipt.how)}, by ${text(receipt.by)}`}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Queue({ queue }: { queue: readonly QueueStatus[] }) {
  return (
    <Section id="queue" title="Queue">
      {queue.length === 0 ? <p class="quiet">Nothing is to be done.</p> : ""}
      <ul class="rows">
        {queue.map(({ key, state, at, failures }) => (
          <li key={key}>
            <strong>{text(key)}</strong> {state === "running" ? "runs since" : "waits for"} <Time at={at} />
            {failures === 0 ? "" : `, failed ${count(failures, "time")} in a row`}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Errors({ errors }: { errors: readonly ErrorStatus[] }) {
  return (
    <Section id="errors" title="Last errors">
      {errors.length === 0 ? <p class="quiet">None since it was started.</p> : ""}
      <ul class="rows">
        {errors.map(({ at, key, run, message }) => (
          <li key={run}>
            <div>
              <Time at={at} /> <strong>{text(key)}</strong>: {escapeTerminal(message, MESSAGE_LENGTH)}
            </div>
            <div class="quiet">
              run <code>{text(run)}</code>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
