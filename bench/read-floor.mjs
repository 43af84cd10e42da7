// What Node can do at best: a file read in pieces of 1 MiB, and one needle looked for in each with Buffer.indexOf.
//
//   node bench/read-floor.mjs FILE utf8|utf16le|read
import { closeSync, openSync, readSync } from 'node:fs'

const [path, how] = process.argv.slice(2)
const needle = how === 'read' ? undefined : Buffer.from('Return value 3', how)
const buffer = Buffer.allocUnsafe(1 << 20)
const file = openSync(path, 'r')
let count = 0
for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
  if (needle === undefined) continue
  const piece = buffer.subarray(0, length)
  for (let at = piece.indexOf(needle); at >= 0; at = piece.indexOf(needle, at + needle.length)) count += 1
}
closeSync(file)
process.stdout.write(`${count}\n`)
