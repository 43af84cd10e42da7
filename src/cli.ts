#!/usr/bin/env node
import { outliveReaders } from './commands/lost-reader.js'
import { runCli } from './commands/program.js'

const afterOutput = outliveReaders(process.stdout, process.stderr)
const exitCode = await runCli({
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
})
// A write may fail after its command has ended.
process.on('exit', () => {
  process.exitCode = afterOutput(exitCode)
})
