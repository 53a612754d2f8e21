// The least a plan must do, with nothing around it: the same bytes read and parsed, the same pages fetched and parsed,
// both at once, nothing kept and nothing looked at. Bundled and run as a process of its own, like the command line.
//
//   floor cold FOLDER URL     every YAML file of the folder through js-yaml
//   floor warm FILE URL       a file with the same documents as JSON, a line for each policy file, through JSON.parse
//   floor pages - URL         the pages alone
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { loadAll } from "js-yaml";
import { Pool } from "undici";

const CONNECTIONS = 8;
const PAGE_ROWS = 1000;
/** Collections of fewer rows than this are not worth several parts. */
const LEAST_PART_ROWS = 8000;
/** Parsing makes way for answers this often, in milliseconds. */
const SLICE_MS = 12;

const [mode, source, url] = process.argv.slice(2);
const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
let requests = 0;

const [read] = await Promise.all([readSource(), fetchEverything()]);
await pool.destroy();
process.stdout.write(`${JSON.stringify({ requests, bytes: read })}\n`);

async function readSource() {
  if (mode === "pages") return 0;
  // The first request goes out before the processor is taken.
  await setImmediate();
  return mode === "cold" ? parseYaml(source) : parseJson(source);
}

async function parseYaml(folder) {
  let bytes = 0;
  await inSlices(listYaml(folder), (file) => {
    const content = readFileSync(file);
    bytes += content.length;
    loadAll(content.toString("utf8"));
  });
  return bytes;
}

function listYaml(folder) {
  const files = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...listYaml(path));
    else files.push(path);
  }
  return files;
}

async function parseJson(file) {
  const content = readFileSync(file);
  const lines = content.toString("utf8").split("\n");
  await inSlices(lines, (line) => {
    if (line !== "") JSON.parse(line);
  });
  return content.length;
}

async function inSlices(items, work) {
  let sliceStart = performance.now();
  for (const item of items) {
    work(item);
    if (performance.now() - sliceStart < SLICE_MS) continue;
    await setImmediate();
    sliceStart = performance.now();
  }
}

async function fetchEverything() {
  const token = await fetchToken();
  const headers = { authorization: `Bearer ${token}`, "user-agent": "floor" };
  const get = async (path) => {
    requests++;
    const { statusCode, body } = await pool.request({ method: "GET", path, headers });
    if (statusCode !== 200) throw new Error(`GET ${path}: ${statusCode}`);
    return JSON.parse(await body.text());
  };
  const follow = async (path) => {
    for (let cursor = ""; cursor !== null; ) {
      const page = await get(`${path}${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
      cursor = page.cursor;
    }
  };
  const all = async (collection, rows) => {
    const path = `/v1/${collection}?limit=${PAGE_ROWS}`;
    if (rows < LEAST_PART_ROWS) return follow(path);
    return Promise.all(
      Array.from({ length: CONNECTIONS }, (_, part) => follow(`${path}&partition=${part}/${CONNECTIONS}`)),
    );
  };
  const counts = JSON.parse(process.env.BENCH_ROWS);
  await Promise.all([get("/v1/environments"), ...Object.entries(counts).map(([name, rows]) => all(name, rows))]);
}

async function fetchToken() {
  requests++;
  const authorization = `Basic ${Buffer.from(`${process.env.ACME_CLIENT_ID}:${process.env.ACME_CLIENT_SECRET}`).toString("base64")}`;
  const headers = { authorization, "user-agent": "floor", "content-type": "application/x-www-form-urlencoded" };
  const { body } = await pool.request({
    method: "POST",
    path: "/oauth2/token",
    headers,
    body: "grant_type=client_credentials",
  });
  return (await body.json()).access_token;
}
