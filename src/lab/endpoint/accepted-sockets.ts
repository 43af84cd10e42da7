import type { Socket } from 'node:net'
import type { Host } from '../model.js'
import { ShapedSocket } from './shaped-socket.js'

/** The connections of one endpoint, on the line that `network` says. */
export class AcceptedSockets {
  readonly #network: Host['network']
  readonly #open = new Set<Socket>()

  constructor(network: Host['network']) {
    this.#network = network
  }

  /** The connection to serve; undefined when the server is down and it was reset. */
  accept(socket: Socket): Socket | ShapedSocket | undefined {
    socket.on('error', () => {})
    if (this.#network.down) {
      socket.resetAndDestroy()
      return undefined
    }
    socket.setNoDelay(true)
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    const shaped = this.#network.delayMs > 0 || this.#network.bytesPerSecond > 0
    return shaped ? new ShapedSocket(socket, this.#network) : socket
  }

  cut(): void {
    for (const socket of this.#open) socket.resetAndDestroy()
  }
}
