// try-out
import { endAll } from "./bench/measure.mjs";
import { measureSize } from "./bench/size.mjs";
import { makeTools } from "./bench/world.mjs";

const tools = await makeTools();
try {
  console.log(
    JSON.stringify(
      await measureSize(tools, Number(process.argv[2] ?? 0.1), { cold: 1, warm: 2, apply: true }, console.log),
      null,
      1,
    ),
  );
} finally {
  endAll();
  tools.remove();
}
