import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { acceptable } from '../discover/acceptable.js'
import { lineDiff } from '../discover/line-diff.js'
import { type Merged, mergeInventory } from '../discover/merge-inventory.js'
import { newInventory } from '../discover/new-inventory.js'
import { UsageError } from '../errors.js'
import { InputError } from '../input/problem.js'
import { parseInventory } from '../inventory/parse.js'
import { terminalText } from '../output/terminal-text.js'
import { describeBuild } from '../products/builds.js'
import { askYes } from './ask-yes.js'
import { askSource, type Found, type SourceOptions } from './discover-source.js'
import type { CommandIo } from './io.js'
import { readInventoryText } from './read-input.js'
import { replaceFile } from './replace-file.js'

interface Options extends SourceOptions {
  into?: string
  dryRun?: true
  yes?: true
}

export function registerDiscover(inventory: Command, io: CommandIo): void {
  inventory
    .command('discover')
    .description('build an inventory, or bring one up to date: from Exchange, Active Directory or Ansible')
    .option(
      '--exchange [server]',
      'ask Get-ExchangeServer in the PowerShell of this machine, with your logon; with a server (2010 or newer) its remote PowerShell',
    )
    .option('--ldap <url>', 'ask a domain controller: ldaps://dc1.contoso.com')
    .option('--ansible <file>', 'an Ansible inventory: YAML, INI, or what ansible-inventory --list prints')
    .option('--username <name>', 'who logs on: to the directory with --ldap, and to the servers')
    .option('--password-env <name>', 'with --ldap: the environment variable with the password; else it is asked for')
    .option('--ca <file>', 'with --ldap: PEM file of the authority to believe')
    .option('--ldap-clear-text', 'with --ldap: let the password be read on the way where there is no TLS')
    .option('--into <file>', 'merge into this inventory; shows the difference and asks')
    .option('--dry-run', 'with --into: only show')
    .option('--yes', 'with --into: do not ask')
    .action((options: Options) => discover(options, io))
}

async function discover(options: Options, io: CommandIo): Promise<void> {
  const { into, dryRun, yes } = options
  if (into === undefined && (dryRun ?? yes) !== undefined) {
    throw new UsageError('--dry-run and --yes go with --into.', {
      code: 'USAGE',
      hint: 'Without --into nothing is written.',
    })
  }
  const target = into === undefined ? undefined : readInventoryText(resolve(io.cwd, into))
  const asked = await askSource(options, io)
  const found = { ...asked, discovery: acceptable(asked.discovery) }
  for (const note of found.discovery.notes) say(io, `note: ${note}`)
  const { source, servers } = found.discovery
  if (servers.length === 0) {
    throw new UsageError(`${source} names no Exchange server.`, {
      code: 'NOTHING_DISCOVERED',
      hint: 'The notes above say what was left out and why, where anything was.',
    })
  }
  if (target === undefined) print(found, io)
  else await merge(target, found, options, io)
}

function print({ discovery, logon }: Found, io: CommandIo): void {
  const text = newInventory(discovery, { logon, describe: describeBuild })
  parseInventory(text, join(io.cwd, 'discovered.yaml'), { home: homedir() })
  io.stdout.write(text)
}

async function merge(
  target: { file: string; text: string },
  { discovery, logon }: Found,
  options: Options,
  io: CommandIo,
): Promise<void> {
  const { file, text } = target
  const merged = mergeInventory(text, discovery, { logon, describe: describeBuild })
  for (const line of outcome(merged, discovery.source)) say(io, line)
  if (merged.text === text) {
    say(io, `${file}: nothing to change`)
    return
  }
  checkMerged(file, merged.text)
  io.stdout.write(`${lineDiff(text, merged.text).map(terminalText).join('\n')}\n`)
  if (options.dryRun === true) return
  if (options.yes !== true) await askYes(`Write this to ${file}?`, io)
  replaceFile(file, text, merged.text)
  say(io, `${file}: written`)
}

function checkMerged(file: string, text: string): void {
  try {
    parseInventory(text, file, { home: homedir() })
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause
    throw new UsageError(`${file} is as it was: with what was discovered it would be wrong.\n\n${cause.message}`, {
      code: 'MERGE_REFUSED',
      hint: 'The lines above are those it would have. Correct the file, or the source, so that they agree there.',
      cause,
    })
  }
}

function outcome({ added, changed, unknown, byHand }: Merged, source: string): string[] {
  return [
    ...(added.length === 0 ? [] : [`new: ${added.join(', ')}`]),
    ...changed.map(({ name, keys }) => `changed: ${name} (${keys.join(', ')})`),
    ...byHand.map(text => `write by hand, as other things stand there too: ${text}`),
    ...(unknown.length === 0 ? [] : [`not known to ${source}, and kept: ${unknown.join(', ')}`]),
  ]
}

function say(io: CommandIo, text: string): void {
  io.stderr.write(`${terminalText(text)}\n`)
}
