import { type ExitCode, exitCodes } from '../errors.js'

/** The reader is gone: `exroll facts | head`, or a terminal that was closed. */
const readerGone = ['EPIPE', 'EIO']

/**
 * What is printed may have no reader any more; a command goes on all the same, because a run that ended there would leave its servers to
 * their guards. What cannot be printed for another reason, a full disk for one, is said once on stderr and costs the exit code.
 *
 * Returns what makes the exit code of it at the end.
 */
export function outliveReaders(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
): (exitCode: ExitCode) => ExitCode {
  let isIncomplete = false
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isIncomplete || readerGone.includes(error.code ?? '')) return
    isIncomplete = true
    stderr.write(
      `error: what was to be printed could not be written (${error.code ?? error.message})\n  code OUTPUT_LOST. Try: Look for free space where the output goes. A run's journal is in its run folder.\n`,
    )
  })
  stderr.on('error', () => {})
  return exitCode => (isIncomplete && exitCode === exitCodes.ok ? exitCodes.bug : exitCode)
}
