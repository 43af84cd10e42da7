import type { RunState } from '../../events/state.js'
import type { Wish } from '../../events/wish.js'
import { causeOf, countFleet, needsAttention, serversOf, standingOf } from './fleet.js'
import { presentStandings } from './groups.js'
import { fleetProgress } from './pace.js'
import { standingLooks } from './standing.js'

/** A typed line as what it asks for, or as the words to answer with. */
export type Typed = { do: 'ask'; wish: Wish } | { do: 'quit' } | { do: 'say'; lines: string[] }

export interface WordsInput {
  run: RunState
  /** Epoch milliseconds. */
  now: number
  /** Wishes can be asked. */
  control: boolean
}

const plainWishes = ['pause', 'resume', 'abort', 'leave'] as const
const serverWishes = ['retry', 'skip', 'restore'] as const

/** The dashboard for a screen reader: everything by typed words. */
export function readWords(line: string, { run, now, control }: WordsInput): Typed {
  const [word = '', ...rest] = line.trim().split(/\s+/)
  const name = rest.join(' ')
  if (word === '') return { do: 'say', lines: [] }
  if (word === 'quit') return { do: 'quit' }
  if (word === 'status') return { do: 'say', lines: statusWords(run, now) }
  if (word === 'why') return { do: 'say', lines: whyWords(run, name) }
  const plain = plainWishes.find(action => action === word)
  const aimed = serverWishes.find(action => action === word)
  if (plain === undefined && aimed === undefined) return { do: 'say', lines: helpWords(control) }
  if (!control) return { do: 'say', lines: ['This is a view only; start it with --control to act.'] }
  if (plain !== undefined) return { do: 'ask', wish: { action: plain } }
  if (aimed === undefined || run.servers[name] === undefined)
    return {
      do: 'say',
      lines: [`There is no server ${name === '' ? 'without a name' : name} in this run: write ${word} and its name.`],
    }
  return { do: 'ask', wish: { action: aimed, server: name } }
}

function helpWords(control: boolean): string[] {
  const acting = control ? 'pause, resume, abort, leave, retry SERVER, skip SERVER, restore SERVER, ' : ''
  return [`Words: ${acting}status, why SERVER, quit. Enter after each.`]
}

function statusWords(run: RunState, now: number): string[] {
  const servers = serversOf(run)
  const counts = countFleet(servers)
  const words = presentStandings(counts).map(({ standing, count }) => `${count} ${standingLooks[standing].word}`)
  return [
    `${Math.floor(fleetProgress(servers, now) * 100)} percent, ${counts.ended} of ${counts.total} servers ended: ${words.join(', ')}.`,
    ...servers.filter(needsAttention).flatMap(({ name }) => whyWords(run, name)),
  ]
}

function whyWords(run: RunState, name: string): string[] {
  const server = run.servers[name]
  if (server === undefined) return [`There is no server ${name} in this run.`]
  const cause = causeOf(server)
  const head = `${name}: ${standingLooks[standingOf(server)].word}${server.current === null ? '' : `, at ${server.current}`}`
  if (cause === null) return [head]
  return [`${head}, ${cause.id}: ${cause.text}`, ...(cause.remedy === '' ? [] : [`${name}: do this: ${cause.remedy}`])]
}
