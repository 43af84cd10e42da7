/**
 * Signals to a viewer: Ctrl-C is a key that came another way; SIGTERM and SIGHUP ask the viewer to go and say nothing about the run.
 * Returns what takes the handlers off.
 */
export function listenForViewerSignals({
  interrupt,
  terminate,
}: {
  interrupt: () => void
  terminate: () => void
}): () => void {
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', terminate)
  process.on('SIGHUP', terminate)
  return () => {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', terminate)
    process.off('SIGHUP', terminate)
  }
}
