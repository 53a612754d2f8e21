// The Workbench's resources and the levels each can be given, as this platform enforces them on writes.
// Kept apart from the driver's catalogue on purpose: the simulator is the other side of the wire.

const VIEW = ["view"];
const EDIT = ["view", "edit"];
const ADMIN = ["view", "edit", "admin"];

/** Resource -> levels it may be given. */
export const RESOURCES: ReadonlyMap<string, readonly string[]> = new Map([
  ["API authentication controls", EDIT],
  ["Analytics exporter", VIEW],
  ["Audit log", ["view", "admin"]],
  ["Card instance", ADMIN],
  ["Card template", ADMIN],
  ["Connectors", EDIT],
  ["Container", EDIT],
  ["Customer", ["admin"]],
  ["Environment", ADMIN],
  ["Notifications", EDIT],
  ["Organization", EDIT],
  ["Override card approval", ["admin"]],
  // Documented as view only, yet the platform's own default roles hold edit; so edit is accepted.
  ["Request debugger", EDIT],
  ["Role", EDIT],
  ["SDK API key", EDIT],
  ["Segment", EDIT],
  ["Stream", EDIT],
  ["Tag", EDIT],
  ["Theme", EDIT],
  ["Webhook credentials", EDIT],
  ["Webhook request log", VIEW],
  ["Webhook subscription", EDIT],
  ["Workbench member", EDIT],
  ["Workbench member group", EDIT],
  ["Workbench member group assignment", EDIT],
]);
