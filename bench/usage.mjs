// Loaded with `node --import` into what bench/run.mjs starts: tells what the process has used, when asked over the IPC channel and at its
// end. getrusage counts the process itself, all its threads, and the peak of its memory: nothing is missed between two samples.
import { writeFileSync } from 'node:fs'

const used = () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  return { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakBytes: maxRSS * 1024 }
}

process.on('message', message => {
  if (message === 'usage') process.send?.(used())
})
// The channel alone does not keep the process alive.
process.channel?.unref()

const { EXROLL_BENCH_USAGE } = process.env
if (EXROLL_BENCH_USAGE !== undefined) {
  process.on('exit', () => writeFileSync(EXROLL_BENCH_USAGE, JSON.stringify(used())))
}
