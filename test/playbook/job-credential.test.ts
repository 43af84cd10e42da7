import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/input/problem.js'
import type { Credential } from '../../src/inventory/model.js'
import { jobCredential } from '../../src/playbook/job-credential.js'
import { parsePlaybook } from '../../src/playbook/parse.js'

const file = '/fleet/playbooks/roll.yaml'
const exadmin: Credential = { name: 'exadmin', username: 'CONTOSO\\exadmin', password: { env: 'PASSWORD' } }
const key: Credential = { name: 'key', username: 'ops', key: { file: '/key' } }
const managed: Credential = { name: 'managed', username: 'CONTOSO\\exroll$' }

function found(runAs: string, set: string[] = []) {
  const text = `name: x\naction: collect\ninstall:\n  run_as: ${runAs}\n`
  return jobCredential(parsePlaybook(text, file, { set }), [exadmin, key, managed], { text, set })
}

function problem(runAs: string, set: string[] = []) {
  try {
    found(runAs, set)
  } catch (error) {
    if (error instanceof InputError) return { ...error.problems[0], shown: error.message }
    throw error
  }
  throw new Error('it was not refused')
}

describe('install.run_as', () => {
  it('is nobody for system, and a credential of the inventory by its name', () => {
    expect(found('system')).toBeUndefined()
    expect(found('exadmin')).toBe(exadmin)
    expect(found('managed')).toBe(managed)
    expect(found('system', ['install.run_as=exadmin'])).toBe(exadmin)
  })

  it('says where a name stands that the inventory does not have, and which one may be meant', () => {
    expect(problem('exadmim')).toMatchObject({
      ...{ code: 'CREDENTIAL_UNKNOWN', line: 4, column: 11, width: 7, instead: 'exadmin' },
      message: 'the inventory has no credential "exadmim", did you mean "exadmin"?',
    })
    expect(problem('somebody')).toMatchObject({ instead: 'one of: system, exadmin, key, managed' })
    expect(problem('System')).toMatchObject({ instead: 'system' })
  })

  it('says so of --set too', () => {
    expect(problem('system', ['rollout.canary=0', 'install.run_as=nobody']).shown).toContain('--set:2:')
  })

  it('refuses a credential that has no password and is no managed account', () => {
    expect(problem('key')).toMatchObject({ code: 'RUN_AS_PASSWORD', line: 4, column: 11 })
  })
})
