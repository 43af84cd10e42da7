import { randomUUID } from 'node:crypto'
import { anonymous, commandDone, resources } from '../../../transport/winrm/soap/names.js'
import { durationText, type EnvelopeText, envelopeText, type XmlElement } from '../../../transport/winrm/soap/write.js'
import type { CommandOutput } from './lab-command.js'
import type { LabShell, WinrmQuotas } from './lab-shell.js'

/** Milliseconds after which a shell that its client gave no time is deleted, when nobody uses it. */
export const defaultIdleTimeoutMs = 7_200_000

/** A whole answer. */
export function reply(action: string, relatesTo: string | undefined, body: XmlElement[]): EnvelopeText {
  const header: XmlElement[] = [
    { name: 'a:Action', content: action },
    { name: 'a:MessageID', content: `uuid:${randomUUID().toUpperCase()}` },
    { name: 'a:To', content: anonymous },
  ]
  if (relatesTo !== undefined) header.push({ name: 'a:RelatesTo', content: relatesTo })
  return envelopeText(header, body)
}

/** The body of CreateResponse (MS-WSMV 3.1.4.5.2). */
export function createdElements(shell: LabShell): XmlElement[] {
  const { id } = shell
  return [
    {
      name: 'x:ResourceCreated',
      content: [
        { name: 'a:Address', content: anonymous },
        {
          name: 'a:ReferenceParameters',
          content: [
            { name: 'w:ResourceURI', content: resources.cmd },
            { name: 'w:SelectorSet', content: [{ name: 'w:Selector', attributes: { Name: 'ShellId' }, content: id }] },
          ],
        },
      ],
    },
    shellElement(shell),
  ]
}

/** A shell as CreateResponse and an enumeration tell of it. */
export function shellElement({ id, options, createdAt, usedAt }: LabShell): XmlElement {
  const since = (moment: number): string => {
    const seconds = Math.floor((performance.now() - moment) / 1000)
    return `P0DT${Math.floor(seconds / 3600)}H${Math.floor(seconds / 60) % 60}M${seconds % 60}S`
  }
  return {
    name: 'rsp:Shell',
    content: [
      { name: 'rsp:ShellId', content: id },
      { name: 'rsp:ResourceUri', content: resources.cmd },
      { name: 'rsp:Owner', content: options.owner },
      { name: 'rsp:ClientIP', content: '127.0.0.1' },
      { name: 'rsp:IdleTimeOut', content: durationText(options.idleTimeoutMs) },
      { name: 'rsp:InputStreams', content: 'stdin' },
      { name: 'rsp:OutputStreams', content: 'stdout stderr' },
      { name: 'rsp:ShellRunTime', content: since(createdAt) },
      { name: 'rsp:ShellInactivity', content: since(usedAt) },
    ],
  }
}

/** The body of ReceiveResponse (MS-WSMV 3.1.4.14). */
export function receivedElement(id: string, { pieces, done, exitCode }: CommandOutput): XmlElement {
  const stream = (name: string, content: Uint8Array | string, end: boolean): XmlElement => ({
    name: 'rsp:Stream',
    attributes: { Name: name, CommandId: id, ...(end && { End: 'true' }) },
    content,
  })
  const state = done ? commandDone : commandDone.replace(/Done$/, 'Running')
  return {
    name: 'rsp:ReceiveResponse',
    content: [
      ...pieces.map(piece => stream(piece.stream, piece.data, false)),
      ...(done ? [stream('stdout', '', true), stream('stderr', '', true)] : []),
      {
        name: 'rsp:CommandState',
        attributes: { CommandId: id, State: state },
        content: exitCode === undefined ? [] : [{ name: 'rsp:ExitCode', content: String(exitCode) }],
      },
    ],
  }
}

/** The body of GetResponse for winrm/config, as far as clients look at it. */
export function configElement({
  maxEnvelopeKilobytes,
  maxShellsPerUser,
  maxProcessesPerShell,
  maxOperationsPerUser,
  maxMemoryPerShellMegabytes,
}: WinrmQuotas): XmlElement {
  const value = (name: XmlElement['name'], content: number | string): XmlElement => ({
    name,
    content: String(content),
  })
  return {
    name: 'cfg:Config',
    content: [
      value('cfg:MaxEnvelopeSizekb', maxEnvelopeKilobytes),
      value('cfg:MaxTimeoutms', 60_000),
      {
        name: 'cfg:Service',
        content: [
          value('cfg:MaxConcurrentOperationsPerUser', maxOperationsPerUser),
          value('cfg:AllowUnencrypted', 'false'),
        ],
      },
      {
        name: 'cfg:Winrs',
        content: [
          value('cfg:IdleTimeout', defaultIdleTimeoutMs),
          value('cfg:MaxProcessesPerShell', maxProcessesPerShell),
          value('cfg:MaxMemoryPerShellMB', maxMemoryPerShellMegabytes),
          value('cfg:MaxShellsPerUser', maxShellsPerUser),
        ],
      },
    ],
  }
}
