// Who is told news: the receivers of the settings with what the environment says of them, and the requests they take. A receiver
// that is not whole is named once, by the names of its variables; no address and no secret is ever shown.

import type { Notification, NotifyEvent } from "../model/settings.ts";
import { isLoopback } from "../policy/settings.ts";
import { NO_VARIABLE } from "../policy/variables.ts";
import { type News, plainNews, slackMessage } from "../report/news.ts";
import type { Context } from "./context.ts";

export interface Receiver {
  /** What it is called in messages and on the ledger: the name of the variable with its address. */
  readonly name: string;
  readonly type: Notification["type"];
  readonly events: readonly NotifyEvent[];
  readonly url: string;
  /** Knows an event by its id, so that sending it twice does no harm. */
  readonly recognizes: boolean;
  /** Body and headers of one request, made anew for each try: they carry its time. */
  readonly request: (
    message: Message,
    at: Date,
  ) => Promise<{ readonly headers: Record<string, string>; readonly body: string }>;
}

export interface Message {
  /** The same for every try. */
  readonly id: string;
  readonly news: News;
  readonly at: Date;
  /** Who says it: a URI. */
  readonly source: string;
}

/** Complaints that were made already, so that a process that runs for months makes each once. */
const made = new WeakMap<Context, Set<string>>();

/** Those that can be told something. The others are complained about. */
export async function openReceivers(context: Context, notifications: readonly Notification[]): Promise<Receiver[]> {
  const receivers: Receiver[] = [];
  for (const notification of notifications) {
    const receiver = await openReceiver(context, notification);
    if (typeof receiver === "string")
      complain(context, `Nobody is told news at ${notification.url || "a receiver"}: ${receiver}.`);
    else receivers.push(receiver);
  }
  return receivers;
}

function complain(context: Context, message: string): void {
  const before = made.get(context) ?? new Set();
  made.set(context, before);
  if (before.has(message)) return;
  before.add(message);
  context.err(`${message}\n`);
}

/** The receiver, or why there is none. */
async function openReceiver(context: Context, notification: Notification): Promise<Receiver | string> {
  const { type, events, url: name } = notification;
  if (name === NO_VARIABLE) return "the settings do not name the variable with its address";
  const url = context.environment[name]?.trim() ?? "";
  if (url === "") return "the variable is not set";
  context.secrets?.keep(url);
  const wrong = wrongUrl(url);
  if (wrong !== undefined) return wrong;
  const common = { name, type, events, url };
  switch (type) {
    case "slack":
      return { ...common, recognizes: false, request: async ({ news }) => jsonRequest(slackMessage(news)) };
    case "cloudevents": {
      const { Webhook } = await import("standardwebhooks");
      if (notification.secret === undefined) return "the settings name no secret to sign with";
      const secret = context.environment[notification.secret]?.trim() ?? "";
      if (secret === "") return `${notification.secret} is not set`;
      context.secrets?.keep(secret);
      try {
        const signer = new Webhook(secret);
        return { ...common, recognizes: true, request: (message, at) => signedRequest(signer, message, at) };
      } catch {
        return `${notification.secret} is no secret of Standard Webhooks (whsec_ and base64)`;
      }
    }
    default: {
      const never: never = type;
      return never;
    }
  }
}

/** News name people and what they may do: they travel encrypted, or not at all. */
function wrongUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return "its value is no URL";
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return "its URL holds a user or a password, which requests cannot carry";
  if (protocol === "https:") return undefined;
  return protocol === "http:" && isLoopback(hostname) ? undefined : "its URL is not https";
}

function jsonRequest(body: object): { readonly headers: Record<string, string>; readonly body: string } {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

interface Signer {
  readonly sign: (id: string, at: Date, body: string) => string;
}

/** A CloudEvent in structured mode, with the headers of Standard Webhooks. */
async function signedRequest(signer: Signer, { id, news, at, source }: Message, now: Date) {
  const { CloudEvent, HTTP } = await import("cloudevents");
  const { event, target, title, text, url } = plainNews(news);
  const { headers, body } = HTTP.structured(
    new CloudEvent({
      id,
      source,
      type: `rolebook.${event}`,
      // Nothing empty may stand there.
      ...(target === "" ? {} : { subject: target }),
      time: at.toISOString(),
      datacontenttype: "application/json",
      data: { target, title, text, ...(url === undefined ? {} : { url }) },
    }),
  );
  const signed = String(body);
  return {
    headers: {
      "content-type": String(headers["content-type"]),
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": signer.sign(id, now, signed),
    },
    body: signed,
  };
}
