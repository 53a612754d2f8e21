// The three roles every organization of the platform begins with, as its published table has them, oddities included:
// Owner and Admin are the same, and both hold "edit" on the request debugger, which is documented as view only.

const OWNER: { readonly [resource: string]: string } = {
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

/** Role name -> resource -> level. */
export const DEFAULT_ROLES: { readonly [role: string]: { readonly [resource: string]: string } } = {
  Owner: OWNER,
  Admin: OWNER,
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
