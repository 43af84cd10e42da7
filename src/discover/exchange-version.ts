/** In `serialNumber` of the directory 30000 is added to the build: `Version 15.1 (Build 32507.006)` is 15.1.2507.6 (Microsoft Learn, "SerialNumber" of CU23). */
const directoryOffset = 30_000

/**
 * `Version 8.1 (Build 240.6)`, as `AdminDisplayVersion` and `serialNumber` write it, as `8.1.240.6`. Undefined when it is something else. It is what Setup wrote: a rollup of
 * 2007 or 2010 does not change it.
 */
export function exchangeVersion(text: string): string | undefined {
  const [, major, minor, build, revision] = /^Version (\d+)\.(\d+) \(Build (\d+)\.(\d+)\)$/.exec(text.trim()) ?? []
  if (build === undefined) return undefined
  const number = Number(build)
  const plain = number >= directoryOffset ? number - directoryOffset : number
  return [major, minor, plain, revision].map(Number).join('.')
}
