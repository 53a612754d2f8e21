// What the first run says: narration, commands as one would type them, and their output as it came.
import { styleText } from "node:util";

const { stdout } = process;
const { NO_COLOR, TERM } = process.env;

/** Whether there is a terminal to lay out for, and whether it may be coloured. */
export const terminal = stdout.isTTY === true;
const colored = terminal && (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";

function paint(format, text) {
  return colored ? styleText(format, text) : text;
}

/** The heading of a part. */
export function part(number, title) {
  stdout.write(`\n${paint("bold", `${number}. ${title}`)}\n`);
}

/** Narration, a line each. */
export function say(...lines) {
  stdout.write(`\n${lines.map((line) => `${line}\n`).join("")}`);
}

/** A command, just before it runs. */
export function typed(command) {
  stdout.write(`\n${paint("bold", `$ ${command}`)}\n`);
}

/** What a command printed. */
export function shown(text) {
  stdout.write(text === "" || text.endsWith("\n") ? text : `${text}\n`);
}

/** A remark about the output above. */
export function remark(text) {
  stdout.write(`${paint("dim", `(${text})`)}\n`);
}
