import type { PhraseSet } from './phrases.js'

/**
 * Part of each phrase that is looked for: as many characters as the shortest phrase has, so that all can be looked for at once, a few
 * characters of the log at a step (Wu and Manber, "A fast algorithm for multi-pattern searching", 1994).
 */
export const anchorLength = 8

/** How the search steps on, by the last three characters of the window; 0 = an anchor may end here. */
export interface AnchorTable {
  shift: Uint8Array
  /** 1 for the hash of the first three characters of an anchor: rules out most of what only ends like one. */
  begins: Uint8Array
  /** Anchors whose last three characters have this hash. */
  endingWith: ReadonlyMap<number, readonly Anchor[]>
  /** Phrases without an anchor, of a few letters or not of ASCII: to be looked for one by one. */
  others: readonly string[]
}

export interface Anchor {
  codes: Uint16Array
  phrases: readonly AnchoredPhrase[]
}

export interface AnchoredPhrase {
  /** As it mostly stands in a log: one blank for each. */
  text: string
  codes: Uint16Array
  /** Where the anchor begins in it. */
  offset: number
  /** Finds the phrase around an anchor in any spelling of its other blanks, if it has any; sticky, at the anchor. */
  expression(): RegExp | undefined
}

export function hash(before: number, middle: number, last: number): number {
  return (last ^ (middle << 5) ^ (before << 10)) & 0xffff
}

export function compileAnchors({ all, source }: PhraseSet): AnchorTable {
  const byAnchor = new Map<string, AnchoredPhrase[]>()
  const others: string[] = []
  for (const phrase of all) {
    const offset = rarestPart(phrase)
    if (offset === undefined) {
      others.push(phrase)
      continue
    }
    const anchor = phrase.slice(offset, offset + anchorLength)
    const list = byAnchor.get(anchor) ?? []
    list.push({ text: phrase, codes: codesOf(phrase), offset, expression: around(phrase, offset, source) })
    byAnchor.set(anchor, list)
  }
  const shift = new Uint8Array(0x10000).fill(anchorLength - 2)
  const begins = new Uint8Array(0x10000)
  const endingWith = new Map<number, Anchor[]>()
  for (const [text, phrases] of byAnchor) {
    const codes = codesOf(text)
    let key = 0
    for (let i = 0; i + 3 <= anchorLength; i += 1) {
      key = hash(codes[i] ?? 0, codes[i + 1] ?? 0, codes[i + 2] ?? 0)
      shift[key] = Math.min(shift[key] ?? 0, anchorLength - 3 - i)
    }
    begins[hash(codes[0] ?? 0, codes[1] ?? 0, codes[2] ?? 0)] = 1
    endingWith.set(key, [...(endingWith.get(key) ?? []), { codes, phrases }])
  }
  return { shift, begins, endingWith, others }
}

/** The anchor as it is, what comes before it as a look behind, and what comes after it. */
function around(phrase: string, offset: number, source: PhraseSet['source']): () => RegExp | undefined {
  const outside = phrase.slice(0, offset) + phrase.slice(offset + anchorLength)
  if (!/[ ']/.test(outside)) return () => undefined
  let made: RegExp | undefined
  return () => {
    made ??= new RegExp(`(?<=(${source(phrase.slice(0, offset))}))${source(phrase.slice(offset))}`, 'y')
    return made
  }
}

function codesOf(text: string): Uint16Array {
  const codes = new Uint16Array(text.length)
  for (let i = 0; i < text.length; i += 1) codes[i] = text.charCodeAt(i)
  return codes
}

/** Where the part begins that other lines have least of; never across a blank if that can be helped. */
function rarestPart(phrase: string): number | undefined {
  if (/[\u0080-\uffff]/.test(phrase)) return undefined
  const common = new Uint16Array(phrase.length)
  for (let i = 0; i + 3 <= phrase.length; i += 1) common[i] = commonnessAt(phrase, i)
  let best: { at: number; cost: number } | undefined
  let sum = 0
  let lastBlank = -1
  for (let end = 0; end < phrase.length; end += 1) {
    if (phrase[end] === ' ' || phrase[end] === "'") lastBlank = end
    const at = end - anchorLength + 1
    const last = common[end - 2] ?? 0
    sum += last - (common[at - 1] ?? 0)
    if (at < 0) continue
    const cost = sum + 100 * last + (lastBlank >= at ? 50 : 0)
    if (best === undefined || cost < best.cost) best = { at, cost }
  }
  return best?.at
}

/** How often the three characters from `at` on stand in `typical`, or others of the same hash. */
function commonnessAt(text: string, at: number): number {
  return commonness[hash(text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2))] ?? 0
}

/** What most lines of a verbose log are made of: a part of a phrase that is not in here is met seldom. */
const typical = `
MSI (s) (DC:C8) [06:52:01:001]: Executing op: FileCopy(SourceName=a.dll|Microsoft.Exchange.Data.Storage.dll,SourceCabKey=f1,
DestName=Microsoft.Exchange.Data.Storage.dll,Attributes=512,FileSize=17,PerTick=32768,,VerifyMedia=1,ElevateFlags=1,,,,,InstallMode=1,
HashOptions=0,HashPart1=1,HashPart2=-1,,) MSI (c) File: C:\\Program Files\\Microsoft\\Exchange Server\\bin; Overwrite; Won't patch;
Existing file is a lower version Source for file is compressed Executing op: SetTargetFolder(Folder=C:\\) RegAddValue(Name=Version,
Value=#,) RegOpenKey(Root=-2147483646,Key=SOFTWARE\\Microsoft\\Windows\\CurrentVersion,,BinaryType=1,,) Component: C_1; Installed: Local;
Request: Null;   Action: Null;   Client State: Local Feature: Mailbox; Installed: Absent; Request: Reinstall; Action: Reinstall
Property(S): P.36 = C:\\Program Files\\ PROPERTY CHANGE: Adding Prop property. Its value is 'C:\\Windows\\assembly'. Modifying Deleting Doing action: 
Action start 6:52:01: Action. Action ended 6:52:01: Action. Return value 1. WIN64DUALFOLDERS: Substitution in folder had been blocked by
the 1 mask argument (the folder pair's iSwapAttrib member = 0). [11/14/2021 22:04:11.0310] [2] Beginning processing Write-ExchangeSetupLog
Ending processing Active Directory session settings for are: View Entire Forest: 'True', Configuration Domain Controller: 
Evaluated [Rule:Pending] [HasException:False] [Value:"False"] [ParentValue:"<NULL>"] [Thread:6] [Duration:00:00:00] Started Finished`

const commonness = new Uint16Array(0x10000)
for (let i = 0; i + 3 <= typical.length; i += 1) {
  const key = hash(typical.charCodeAt(i), typical.charCodeAt(i + 1), typical.charCodeAt(i + 2))
  commonness[key] = (commonness[key] ?? 0) + 1
}
