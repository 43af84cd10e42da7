import { describe, expect, it } from 'vitest'
import { ChangeCounter } from '../../../src/lab/world/change-counter.js'
import { Registry } from '../../../src/lab/world/registry.js'
import { HiveRefusal, UserHives } from '../../../src/lab/world/user-hives.js'

const account = { sid: 'S-1-5-21-1-2-3-1109', name: 'exjob' }
const own = `HKU\\${account.sid}\\Software`
const mounted = 'HKU\\exroll-x\\Software'

function hives() {
  const registry = new Registry(new ChangeCounter())
  return { registry, hives: new UserHives(registry) }
}

describe('the registry of an account', () => {
  it('is there under its SID while it is logged on, and its first logon makes its profile', () => {
    const { hives: users } = hives()
    expect([users.kept(own), users.profiles]).toEqual([null, []])
    const first = users.logOn(account)
    const second = users.logOn(account)
    expect([users.kept(own), users.profiles]).toEqual([own, [account.sid]])
    first()
    first()
    expect(users.kept(own)).toBe(own)
    second()
    expect([users.kept(own), users.folderOf(account.sid)]).toEqual([null, 'C:\\Users\\exjob'])
  })

  it('can be mounted under another name while it is not, and keeps what was written', () => {
    const { registry, hives: users } = hives()
    users.logOn(account)()
    users.mount('exroll-x', 'c:\\users\\EXJOB')
    expect(users.kept(mounted)).toBe(own)
    registry.set(users.kept(mounted) ?? '', 'v', 1)
    users.dismount('EXROLL-X')
    expect(users.kept(mounted)).toBeNull()
    const logOff = users.logOn(account)
    expect(registry.number(users.kept(own) ?? '', 'v')).toBe(1)
    logOff()
  })

  it('cannot be mounted while it is logged on, twice, or without a profile; nor taken away while somebody has it open', () => {
    const { hives: users } = hives()
    expect(() => users.mount('exroll-x', 'C:\\Users\\exjob')).toThrow('unable to find the specified file')
    const logOff = users.logOn(account)
    expect(() => users.mount('exroll-x', 'C:\\Users\\exjob')).toThrow('used by another process')
    logOff()
    users.mount('exroll-x', 'C:\\Users\\exjob')
    expect(() => users.mount('exroll-y', 'C:\\Users\\exjob')).toThrow(HiveRefusal)
    users.busy.add(account.sid)
    expect(() => users.dismount('exroll-x')).toThrow('Access is denied')
    users.busy.clear()
    users.dismount('exroll-x')
    expect(() => users.dismount('exroll-x')).toThrow(HiveRefusal)
  })

  it('is gone from HKEY_USERS when the power goes, and a logon of before that ends nothing after it', () => {
    const { hives: users } = hives()
    const before = users.logOn(account)
    users.powerOff()
    expect(users.kept(own)).toBeNull()
    const after = users.logOn(account)
    before()
    expect(users.kept(own)).toBe(own)
    after()
  })

  it("leaves SYSTEM's and the machine's where they are", () => {
    const { hives: users } = hives()
    expect(users.kept('HKU\\S-1-5-18\\Software')).toBe('HKU\\S-1-5-18\\Software')
    expect(users.kept('HKLM\\SOFTWARE\\x')).toBe('HKLM\\SOFTWARE\\x')
  })
})
