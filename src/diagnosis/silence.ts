/** A time in which nothing was written. */
export interface Silence {
  /** Where the first record after it has its time, in characters of the text it was looked for in. */
  at: number
  seconds: number
}

/** Shorter ones are not worth a line of a report. */
export const shortestSilence = 60

interface Stamp {
  at: number
  /** Seconds since midnight. */
  time: number
}

const stamp = /\[(?:\d\d[./-]\d\d[./-]\d{4} )?(\d\d)[:.](\d\d)[:.](\d\d)(?:[:.]\d{1,4})?\]/g
const daySeconds = 86_400
/** What a clock may be set back; a time that goes back further is one of the next day. */
const setBack = 2 * 3600
/** Text looked at for one time. */
const window = 4096

/** No time takes more characters. */
const longestStamp = 40

/** Text from one place to another, one character for each place. */
export type TextOf = (from: number, to: number) => string

/**
 * Finds the silences in a log by its times alone, without a look at every line: times only go up, so where two of them are near each
 * other there is none between them, and where they are not the one in the middle tells on which side it is. Only frame lines have a
 * date; a time that goes back by hours means that midnight has passed (msi-log-format.md, "Session frame").
 */
export class SilenceFinder {
  #last: number | undefined

  /** The silences that end between `from` and `to`, in order. */
  find(text: TextOf, from: number, to: number): Silence[] {
    const first = firstStamp(text, from, to)
    if (first === undefined) return []
    const last = lastStamp(text, from, to) ?? first
    const found: Silence[] = []
    const before = this.#last
    if (before !== undefined) note(found, { at: first.at, time: before }, first)
    between(text, first, last, found)
    this.#last = last.time
    return found
  }
}

function between(text: TextOf, first: Stamp, last: Stamp, found: Silence[]): void {
  if (last.at <= first.at || apart(first, last) < shortestSilence) return
  const middle = firstStamp(text, first.at + 1 + Math.floor((last.at - first.at - 1) / 2), last.at)
  if (middle !== undefined && last.at - first.at > window) {
    between(text, first, middle, found)
    between(text, middle, last, found)
    return
  }
  let before = first
  for (
    let next = firstStamp(text, before.at + 1, last.at + 1);
    next !== undefined;
    next = firstStamp(text, before.at + 1, last.at + 1)
  ) {
    note(found, before, next)
    before = next
  }
  if (before.at < last.at) note(found, before, last)
}

function note(found: Silence[], before: Stamp, after: Stamp): void {
  const seconds = apart(before, after)
  if (seconds >= shortestSilence) found.push({ at: after.at, seconds })
}

/** Seconds from one time to a later one, over midnight if need be; a clock that was set back a little does not count. */
function apart({ time: from }: Stamp, { time: to }: Stamp): number {
  return to - from < -setBack ? to - from + daySeconds : Math.max(0, to - from)
}

function firstStamp(text: TextOf, from: number, to: number): Stamp | undefined {
  for (let at = from; at < to; at += window) {
    stamp.lastIndex = 0
    const found = stamp.exec(text(at, at + window + longestStamp))
    if (found !== null && at + found.index < to) return { at: at + found.index, time: timeOf(found) }
  }
  return undefined
}

function lastStamp(text: TextOf, from: number, to: number): Stamp | undefined {
  for (let end = to; end > from; end -= window) {
    const start = Math.max(from, end - window - longestStamp)
    const found = [...text(start, end + longestStamp).matchAll(stamp)].findLast(({ index }) => start + index < end)
    if (found !== undefined) return { at: start + found.index, time: timeOf(found) }
  }
  return undefined
}

function timeOf([, hours = '0', minutes = '0', seconds = '0']: RegExpExecArray): number {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}
