import { describe, expect, it } from 'vitest'
import { sniffKind } from '../../src/diagnosis/kind.js'
import { frame, readOne, serviceScriptFailed, utf8 } from './log-bytes.js'

describe('the kind of a log', () => {
  it.each([
    ['msi', frame.join('\n')],
    ['msi', serviceScriptFailed.slice(4).join('\n')],
    ['msi', 'Action ended 6:51:06: CA_X. Return value 3.'],
    ['msi', '\u64cd\u4f5c\u7ed3\u675f 23:49:51: InstallFiles\u3002\u8fd4\u56de\u503c 3\u3002'],
    [
      'exchange-setup',
      '[03/13/2021 05:34:56.0785] [2] Beginning processing uninstall-MsiPackage\n[03/13/2021 05:34:56.0785] [2] [ERROR] x',
    ],
    ['exchange-setup', '[03.10.2021 10:29:41.0997] [1] [ERROR] x\n'],
    ['exchange-setup', '[04-17-2021 11:23:40.0360] [1] [ERROR] x\n'],
    ['exchange-setup', '[ERROR] x\n[ERROR-REFERENCE] Id=AnyComponent___0123 Component=EXCHANGE14:\\Current\n'],
    [
      'exchange-setup',
      "FAILED\nThe Exchange Server setup operation didn't complete. More details can be found in ExchangeSetup.log\n",
    ],
    ['msi', 'Windows Installer installed the product. Product Name: X. Installation success or error status: 1603.'],
    ['unknown', '[2021-03-10 10:29:41 +0000] [1] [ERROR] Worker exited with code 1\n'],
    ['service-control', '[06:51:02] --------------------\n[06:51:02] * ServiceControl.ps1: 6/2/2009\n'],
    ['update-cas', '[06:55:02] Error updating OWA/ECP: Could not load file.\n'],
    ['events', 'Event Type: Error\nEvent Source: MsiInstaller\nEvent ID: 1024\n'],
    ['unknown', 'To whom it may concern: the update failed.'],
    ['unknown', ''],
  ])('is %s by its content', (kind, text) => {
    expect(sniffKind(text)).toBe(kind)
  })

  it('is not told by its name', () => {
    expect(readOne(utf8(serviceScriptFailed), 'ServiceControl.log').kind).toBe('msi')
  })

  it('of no log makes no attempt: nothing is said about an installation', () => {
    expect(readOne(utf8(['To whom it may concern:', 'the update failed with return value 3.']))).toMatchObject({
      kind: 'unknown',
      lines: 2,
      attempts: [],
    })
  })
})
