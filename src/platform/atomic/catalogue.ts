// What an Atomic organization's permissions can be about, and the roles a new organization comes with.
// Data only: taken from the vendor's public documentation, the defects of the published table kept as they are.
import type { ResourceSpec } from "../../model/platform.ts";

/** Every level of the Workbench, lowest first. A resource offers some of them. */
export const levels: readonly string[] = ["view", "edit", "admin"];

/** In the order the vendor lists them. */
export const resources: readonly ResourceSpec[] = [
  {
    name: "API authentication controls",
    aliases: ["API keys", "Authentication controls"],
    levels: ["view", "edit"],
    scope: "environment",
    about: "Credentials that let systems call the Atomic API: list them, or make and remove them",
  },
  {
    name: "Analytics exporter",
    aliases: [],
    levels: ["view"],
    scope: "environment",
    about: "Analytics as they happen, and batches of them to download",
  },
  {
    name: "Audit log",
    aliases: ["Activity log"],
    levels: ["view", "admin"],
    scope: "organization",
    about: "What members did: view shows one's own entries, admin everybody's",
  },
  {
    name: "Card instance",
    aliases: [],
    levels: ["view", "edit", "admin"],
    scope: "environment",
    about: "Cards sent to customers: their log and figures, sending from the Workbench, cancelling (preview feature)",
  },
  {
    name: "Card template",
    aliases: [],
    levels: ["view", "edit", "admin"],
    scope: "environment",
    about: "Designs of cards: look and send tests, edit drafts, publish and archive",
  },
  {
    name: "Connectors",
    aliases: [],
    levels: ["view", "edit"],
    scope: "environment",
    about: "How webhooks from other systems come in",
  },
  {
    name: "Container",
    aliases: ["Stream container"],
    levels: ["view", "edit"],
    scope: "environment",
    about: "Places in an app that show streams of cards",
  },
  {
    name: "Customer",
    aliases: [],
    levels: ["admin"],
    scope: "environment",
    about: "The end users of the apps; nothing between no access and full control",
  },
  {
    name: "Environment",
    aliases: [],
    levels: ["view", "edit", "admin"],
    scope: "environment",
    about: "The environment itself: see its name, create and rename, deactivate and edit custom fields",
  },
  {
    name: "Notifications",
    aliases: ["SNS platform", "Notification platform"],
    levels: ["view", "edit"],
    scope: "environment",
    about: "Push notification set-up for each kind of device",
  },
  {
    name: "Organization",
    aliases: [],
    levels: ["view", "edit"],
    scope: "organization",
    about: "The organization's name and preferences",
  },
  {
    name: "Override card approval",
    aliases: [],
    levels: ["admin"],
    scope: "environment",
    about: "Approving cards in the place of any approval group",
  },
  {
    name: "Request debugger",
    aliases: [],
    levels: ["view"],
    scope: "organization",
    about: "The latest hundred client requests that failed",
  },
  {
    name: "Role",
    aliases: [],
    levels: ["view", "edit"],
    scope: "organization",
    about: "Roles and what they permit; who may edit them can take any permission",
  },
  {
    name: "SDK API key",
    aliases: ["Client key"],
    levels: ["view", "edit"],
    scope: "environment",
    about: "Keys that apps embed, and the issuers of tokens they accept",
  },
  {
    name: "Segment",
    aliases: [],
    levels: ["view", "edit"],
    scope: "environment",
    about: "Sets of customers by shared traits: see their filters, or create and edit",
  },
  {
    name: "Stream",
    aliases: [],
    levels: ["view", "edit"],
    scope: "environment",
    about: "Collections of cards that containers show",
  },
  {
    name: "Tag",
    aliases: [],
    levels: ["view", "edit"],
    scope: "environment",
    about: "Labels for picking out customers, those on users included",
  },
  {
    name: "Theme",
    aliases: [],
    levels: ["view", "edit"],
    scope: "environment",
    about: "How containers look",
  },
  {
    name: "Webhook credentials",
    aliases: ["Webhook credential"],
    levels: ["view", "edit"],
    scope: "environment",
    about: "Secrets that outgoing webhooks authenticate with",
  },
  {
    name: "Webhook request log",
    aliases: [],
    levels: ["view"],
    scope: "environment",
    about: "Status and metadata of webhooks that went out",
  },
  {
    name: "Webhook subscription",
    aliases: [],
    levels: ["view", "edit"],
    scope: "environment",
    about: "Which events go out to which services",
  },
  {
    name: "Workbench member",
    aliases: [],
    levels: ["view", "edit"],
    scope: "organization",
    about: "The people who use the Workbench",
  },
  {
    name: "Workbench member group",
    aliases: [],
    levels: ["view", "edit"],
    scope: "organization",
    about: "Groups and the roles they carry; who may edit them can take any permission",
  },
  {
    name: "Workbench member group assignment",
    aliases: ["Workbench user group assignment"],
    levels: ["view", "edit"],
    scope: "organization",
    about: "Who is in which group, invitations included; who may edit it can take any permission",
  },
];

/** Whoever holds `edit` on one of these can give themselves everything else. */
export const escalating: readonly string[] = ["Role", "Workbench member group", "Workbench member group assignment"];

const owner: Readonly<Record<string, string>> = {
  "API authentication controls": "edit",
  "Analytics exporter": "view",
  "Card instance": "edit",
  "Card template": "admin",
  Container: "edit",
  Customer: "admin",
  Environment: "admin",
  Notifications: "edit",
  Organization: "edit",
  "Override card approval": "admin",
  "Request debugger": "edit",
  Role: "edit",
  "SDK API key": "edit",
  Segment: "edit",
  Stream: "edit",
  Tag: "edit",
  Theme: "edit",
  "Webhook credentials": "edit",
  "Webhook request log": "view",
  "Webhook subscription": "edit",
  "Workbench member": "edit",
  "Workbench member group": "edit",
  "Workbench member group assignment": "edit",
};

/**
 * The roles of a new organization as published; each comes with a group of the same name that has all environments.
 * Published like this: Owner and Admin are the same, Request debugger is "edit" though only "view" exists,
 * Audit log and Connectors are in none of them, and Editor views the Organization.
 */
export const defaultRoles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Owner: owner,
  Admin: owner,
  Editor: {
    "Card instance": "view",
    "Card template": "admin",
    Container: "view",
    Environment: "view",
    Organization: "view",
    Stream: "view",
    Tag: "view",
  },
};
