// Loaded into a command whose output is read before it is shown at a terminal: it lays out and colours as it would
// there. Nothing else of the command changes.
const { ROLEBOOK_SHOWN_WIDTH: width } = process.env;
Object.defineProperties(process.stdout, {
  isTTY: { value: true },
  columns: { value: Number(width) || 80 },
});
