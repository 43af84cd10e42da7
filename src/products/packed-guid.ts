/** How Windows Installer writes a GUID in the registry (exchange.md 4.3); the longest group of characters first to last. */
const reversedRuns = [8, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2]

/**
 * `{24B2C164-DE66-44FE-B468-A46D9D5E6B31}` to `461C2B4266EDEF444B864AD6D9E5B613`. Throws `RangeError` on anything that is not a
 * GUID.
 */
export function packGuid(guid: string): string {
  if (!/^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/i.test(guid)) throw new RangeError(`not a {GUID}: ${guid}`)
  return reverseRuns(guid.replace(/[{}-]/g, '').toUpperCase())
}

/** The way back: `461C2B42...` to `{24B2C164-...}`, upper case. Throws `RangeError` on anything but 32 hex digits. */
export function unpackGuid(packed: string): string {
  if (!/^[0-9A-F]{32}$/i.test(packed)) throw new RangeError(`not a packed GUID: ${packed}`)
  const hex = reverseRuns(packed.toUpperCase())
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
  return `{${groups.join('-')}}`
}

/** Its own inverse. */
function reverseRuns(hex: string): string {
  let at = 0
  return reversedRuns
    .map(length => {
      const run = hex.slice(at, at + length)
      at += length
      return [...run].reverse().join('')
    })
    .join('')
}
