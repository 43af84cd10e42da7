import { compareBuilds } from '../../products/builds.js'
import type { Step } from '../context.js'
import { needed } from '../needed.js'

/** rc 0 is not success: build, registration, services, settings and OWA are looked at (exchange.md section 0, fact 5). */
export const verify: Step = async ({ link, run, playbook, package: update, found, emit, server }) => {
  const { info } = update
  const state = await link.call('Test-Installation', {
    Run: run,
    ExpectedBuild: info.build ?? '',
    PatchCode: info.patchCode,
  })
  await emit({ type: 'service.state', server: server.name, ...state.services })
  const wanted = new Set(playbook.verify)
  const problems: string[] = []
  if (
    wanted.has('build') &&
    info.build !== null &&
    (state.build === null || compareBuilds(state.build, info.build) !== 0)
  ) {
    problems.push(`ExSetup.exe says ${state.build ?? 'nothing'}, expected ${info.build}`)
  }
  if (wanted.has('patch') && !state.patchRegistered) problems.push(`${info.kb ?? info.patchCode} is not registered`)
  if (wanted.has('services') && state.services.down.length > 0) {
    problems.push(`not running: ${state.services.down.join(', ')}`)
  }
  if (wanted.has('owa') && state.owaErrors.length > 0) problems.push(`OWA: ${state.owaErrors.join(' | ')}`)
  const advice = settingsAdvice(
    playbook.settings.after,
    needed(found.settingsBefore, 'the snapshot').executionPolicy.LocalMachine,
  )
  if (problems.length === 0) {
    const noted = [state.build ?? '', advice].filter(text => text !== '').join('; ')
    return { outcome: 'ok', note: noted }
  }
  return {
    outcome: 'failed',
    error: {
      code: 'VERIFY_FAILED',
      message: problems.join('; '),
      hint: 'The pulled logs and the diagnosis below say why; settings and start types are already as before.',
    },
  }
}

/** Article: the policy belongs back at RemoteSigned. exroll puts back what was there, and says so when that is something else. */
function settingsAdvice(after: 'previous' | 'recommended', policy: string | null): string {
  if (after !== 'previous' || policy === null || policy === 'RemoteSigned' || policy === 'Unrestricted') return ''
  return `execution policy is ${policy} again as before; the article recommends RemoteSigned`
}
