// Loaded before the program that is measured: at its end, writes what the system says it took.
const { readFileSync, writeFileSync } = require("node:fs");

process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMiB: peakKiB(maxRSS) / 1024 };
  writeFileSync(process.env.BENCH_USAGE_FILE, JSON.stringify(usage));
});

/** On Linux `maxRSS` of a process includes that of the one that started it; the kernel's own mark does not. */
function peakKiB(maxRSS) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  } catch {
    return maxRSS;
  }
}
