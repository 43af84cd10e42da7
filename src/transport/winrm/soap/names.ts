/** Namespaces of WS-Management as Windows speaks it (MS-WSMV 2.2.1), under the prefixes that requests are written with. */
export const namespaces = {
  s: 'http://www.w3.org/2003/05/soap-envelope',
  a: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  x: 'http://schemas.xmlsoap.org/ws/2004/09/transfer',
  n: 'http://schemas.xmlsoap.org/ws/2004/09/enumeration',
  w: 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd',
  p: 'http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd',
  rsp: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell',
  f: 'http://schemas.microsoft.com/wbem/wsman/1/wsmanfault',
  cfg: 'http://schemas.microsoft.com/wbem/wsman/1/config',
} as const

export type Prefix = keyof typeof namespaces

const transfer = 'http://schemas.xmlsoap.org/ws/2004/09/transfer'
const enumeration = 'http://schemas.xmlsoap.org/ws/2004/09/enumeration'
const shell = namespaces.rsp

/** Actions (MS-WSMV 2.2.4 and 3.1.4.1). */
export const actions = {
  get: `${transfer}/Get`,
  create: `${transfer}/Create`,
  delete: `${transfer}/Delete`,
  enumerate: `${enumeration}/Enumerate`,
  pull: `${enumeration}/Pull`,
  command: `${shell}/Command`,
  send: `${shell}/Send`,
  receive: `${shell}/Receive`,
  signal: `${shell}/Signal`,
} as const

/** Resources that requests are about. */
export const resources = {
  /** The command shell, `winrs` (MS-WSMV 2.2.4.39). */
  cmd: `${shell}/cmd`,
  /** Shells of every kind, to be enumerated. */
  shell,
  config: 'http://schemas.microsoft.com/wbem/wsman/1/config',
} as const

/** Signals (MS-WSMV 2.2.4.38). */
export const signals = {
  terminate: `${shell}/signal/terminate`,
  ctrlC: `${shell}/signal/ctrl_c`,
} as const

export const commandDone = `${shell}/CommandState/Done`
export const anonymous = 'http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous'
