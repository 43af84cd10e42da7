import type { HostNetwork } from '../model.js'

/** What the Internet beyond the server does with a request for a revocation list. */
export type CrlAccess = 'reachable' | 'slow' | 'unreachable'

/** How a server's line behaves: towards exroll, and towards the certificate authorities. */
export class NetworkCard implements HostNetwork {
  down = false
  delayMs = 0
  bytesPerSecond = 0
  /** Uploads that will arrive damaged. */
  damaged = 0
  /** Times that all connections will be cut while an install runs. */
  dropsLeft = 0
  crl: CrlAccess = 'reachable'
  /** Times that Active Directory will not answer this server. */
  directoryOutages = 0
  readonly #cuts: (() => void)[] = []

  onCut(cut: () => void): void {
    this.#cuts.push(cut)
  }

  /** Cuts every open connection to this server. */
  cut(): void {
    for (const cut of this.#cuts) cut()
  }

  /** A bad moment of a shaky line: cuts all connections while any such moment is left. */
  falter(): void {
    if (this.dropsLeft === 0) return
    this.dropsLeft -= 1
    this.cut()
  }

  /** True when a question to Active Directory gets no answer now. */
  directoryFails(): boolean {
    if (this.directoryOutages === 0) return false
    this.directoryOutages -= 1
    return true
  }

  takeDamage(): boolean {
    if (this.damaged === 0) return false
    this.damaged -= 1
    return true
  }
}
