type Layer = Readonly<Record<string, unknown>>

/** Sections of which each key is inherited by itself; of the others the later layer's value stands whole. */
const sections = ['ssh', 'winrm', 'powershell']

/**
 * What holds for a server: `defaults`, its groups in their order, the server itself, later over earlier. A port belongs to
 * its transport: a layer that chooses another transport and names no port does not inherit one.
 */
export function mergeLayers(layers: readonly Layer[]): Record<string, unknown> {
  let merged: Record<string, unknown> = {}
  for (const layer of layers) {
    const otherTransport = layer.transport !== undefined && layer.transport !== (merged.transport ?? 'ssh')
    const inherited = sections.map(name => [name, { ...asLayer(merged[name]), ...asLayer(layer[name]) }] as const)
    const written = inherited.filter(([name]) => merged[name] !== undefined || layer[name] !== undefined)
    if (otherTransport) delete merged.port
    merged = { ...merged, ...layer, ...Object.fromEntries(written) }
  }
  return merged
}

/** The value where it is a mapping, else an empty one: checks go on in a file that has other problems. */
export function asLayer(value: unknown): Layer {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Layer) : {}
}

/** The layers of `server` in an inventory's plain value, in the order in which they hold. */
export function layersOf(inventory: Layer, server: Layer): Layer[] {
  const groups = asLayer(inventory.groups)
  const names = Array.isArray(server.groups) ? server.groups.filter(name => typeof name === 'string') : []
  const own = names.filter(name => Object.hasOwn(groups, name)).map(name => asLayer(groups[name]))
  return [asLayer(inventory.defaults), ...own, server]
}

/**
 * The port of a server's transport: 22 for SSH (RFC 4253, 4), 5985 and 5986 for WinRM over HTTP and HTTPS (WinRM 2.0 and later). Of
 * `auto` it is the port of what is tried first, SSH. `server` is a merged layer.
 */
export function defaultPort(server: Layer): number {
  const { transport = 'ssh' } = server
  const { over, use_ssl } = asLayer(server.powershell)
  if (transport === 'ssh' || transport === 'auto' || (transport === 'powershell' && over === 'ssh')) return 22
  const encrypted = transport === 'powershell' ? use_ssl === true : asLayer(server.winrm).scheme === 'https'
  return encrypted ? 5986 : 5985
}
