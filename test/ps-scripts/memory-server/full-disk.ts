/** Where scripts write into the state folder what makes a file larger (ps-scripts/shared/State.ps1). */
const writes = ['$stream.Write($Bytes, 0, $Bytes.Length)', "[void]$stream.Seek(0, 'End')"]
const whenFull =
  "if ($global:World.calls -ge $global:World.fullAt) { throw [IO.IOException]'There is not enough space on the disk.' }; "

/** A script's text with a disk that is full from the world's call `fullAt` on. Throws when it does not write as it did. */
export function onFullDisk(text: string): string {
  if (!text.includes('function Get-StateFolder')) return text
  return writes.reduce((changed, write) => {
    if (!changed.includes(write)) throw new Error(`no ${write} in the script`)
    return changed.replaceAll(write, whenFull + write)
  }, text)
}
