import type { StepName } from '../events/event.js'
import type { Playbook } from '../playbook/model.js'
import { describeBuild } from '../products/builds.js'
import type { PackageInfo } from '../products/model.js'
import { disabledByInstaller } from '../products/services.js'
import type { Readiness, ServerFact } from '../scripts/catalog.js'
import { forecastSettings, type SettingForecast, type Sure } from './setting-forecast.js'

export interface ForecastLine {
  step: StepName
  sure: Sure
  text: string
}

export interface Forecast {
  lines: ForecastLine[]
  settings: SettingForecast
}

export interface ForecastInput {
  /** Names of the blocks that are let through. */
  allowed: readonly string[]
  fact: ServerFact
  readiness: Readiness
  package: PackageInfo
  playbook: Playbook
}

/** What a real run would do to one server that precheck lets through, in order, and why. Pure. */
export function forecast({ allowed, fact, readiness, package: update, playbook }: ForecastInput): Forecast {
  const settings = forecastSettings({ policy: playbook.settings, fact, readiness })
  const lines: ForecastLine[] = []
  const say = (step: StepName, sure: Sure, text: string) => lines.push({ step, sure, text })

  say('precheck', 'verified', precheckText(allowed))
  if (fact.jobAccount !== null) {
    const proof = 'its password and the right to log on as a batch job'
    say(
      'stage',
      'unknown until its first task has run',
      `try ${fact.jobAccount.name} with a task that changes nothing: ${proof}`,
    )
  }
  if (readiness.staged) say('stage', 'verified', `${update.name} is there already, hash checked`)
  else say('stage', 'predicted', copyText(fact, update, playbook))
  const ran = fact.services.filter(service => service.state === 'Running')
  say('snapshot', 'predicted', `record ${fact.services.length} services (${ran.length} running) and all settings`)
  say('guard', 'predicted', 'arm the task that puts all of it back when nobody follows')
  if (fact.cluster === null) say('maintenance-on', 'verified', 'skipped: no cluster')
  else if (fact.cluster.isActive) {
    const target =
      fact.cluster.nodes.find(node => node.toLowerCase() !== fact.computerName.toLowerCase()) ?? 'the other node'
    say(
      'maintenance-on',
      'unknown until its turn comes',
      `active node now: move ${fact.cluster.name} to ${target} first`,
    )
  } else say('maintenance-on', 'verified', `passive node: ${fact.cluster.name} is on ${fact.cluster.activeNode}`)
  for (const { sure, text } of settings.lines) say('settings-on', sure, text)
  say('install', 'predicted', installText(fact, update, playbook))
  for (const line of serviceLines(fact)) say('install', 'predicted', line)
  say('settings-restore', 'predicted', restoreText(settings))
  say(
    'settings-restore',
    'unknown until the installer has ended',
    'start types it may have left disabled go back to what they are now',
  )
  say('reboot', 'unknown until the installer has ended', rebootText(playbook))
  say('services', 'predicted', `start what ran before and is down: ${ran.length} services are expected to run`)
  say(
    'verify',
    'predicted',
    `check ${playbook.verify.join(', ')}${update.build === null ? '' : `; ExSetup.exe ${update.build}`}`,
  )
  if (fact.cluster !== null) say('maintenance-off', 'predicted', `${fact.cluster.name} stays where it is then`)
  say('collect', 'predicted', `pull ${playbook.collect.join(', ')}`)
  return { lines, settings }
}

function copyText({ jobAccount }: ServerFact, { name, bytes }: PackageInfo, { update }: Playbook): string {
  if (update?.share === undefined) return `copy ${name}, ${bytes} bytes, verified by SHA-256`
  const reader = jobAccount?.name ?? "the computer's own account"
  return `the server copies ${bytes} bytes from ${update.share} as ${reader}, verified by SHA-256; not tried, that takes a task`
}

function precheckText(allowed: readonly string[]): string {
  return allowed.length === 0
    ? 'nothing is in the way'
    : `let through: ${allowed.join(', ')}; the install may fail for it`
}

function installText(fact: ServerFact, update: PackageInfo, { install }: Playbook): string {
  const from = fact.exchange === null ? 'nothing' : describeBuild(fact.exchange.build)
  const to = update.build === null ? update.displayName : describeBuild(update.build)
  return `${from} -> ${to}; msiexec /p /quiet /norestart ${install.log}`
}

/** The installer stops and disables these, Exchange's and others (exchange.md 0 fact 1); each comes back as it is now. */
function serviceLines(fact: ServerFact): string[] {
  if (fact.exchange === null) return []
  const names = new Set(
    disabledByInstaller(fact.exchange.generation, fact.exchange.roles).map(name => name.toLowerCase()),
  )
  const touched = fact.services.filter(service => names.has(service.name.toLowerCase()))
  if (touched.length === 0) return []
  const running = touched
    .filter(service => service.state === 'Running')
    .map(({ name, startType }) => `${name} (${startType})`)
  const rest = touched
    .filter(service => service.state !== 'Running')
    .map(({ name, startType }) => `${name} (${startType})`)
  return [
    `stops and disables, comes back running: ${running.length === 0 ? 'none' : running.join(', ')}`,
    ...(rest.length === 0 ? [] : [`disables, comes back stopped: ${rest.join(', ')}`]),
  ]
}

function restoreText({ changes, restores }: SettingForecast): string {
  if (changes.length === 0) return 'no setting to put back'
  const kept = changes.length - restores.length
  const back = `${restores.length} of ${changes.length} settings back, compared and read back`
  return kept === 0 ? back : `${back}; the others stay, as the playbook says`
}

function rebootText({ install }: Playbook): string {
  switch (install.reboot) {
    case 'always':
      return 'restart after the install'
    case 'never':
      return 'never, also if the installer asks for it'
    default:
      return 'restart only if the installer asks for it (3010, 1641)'
  }
}
