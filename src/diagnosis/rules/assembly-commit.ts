import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = ['Error 1935.', 'Note: 1: 1935', 'An error occurred during the installation of assembly']

/** Windows Installer 1935; with 0x800700B7 in Commit it is the second November 2024 security update (exchange.md 6.1, ASM-1935). */
export const assemblyCommit: Rule = {
  id: 'assembly-commit',
  title: 'A .NET assembly could not be put into the assembly cache',
  about:
    'Error 1935 names the assembly and a HRESULT. 0x800700B7 (already exists) in IAssemblyCacheItem::Commit is known of the second ' +
    'November 2024 security update (KB5049233).',
  kinds: ['msi', 'events', 'exchange-setup', 'unknown'],
  watch,
  match: view => stated(view, watch),
  remedy: [
    'Read the HRESULT in the line. With 0x800700B7: follow the workaround of KB5049233 (aka.ms/NovSUKB).',
    'With another: end what holds the assembly (antivirus, a management agent), restart the server, and repair the .NET Framework.',
    'Install again from an elevated prompt.',
  ],
}
