import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rankCauses, diagnose as read } from '../../diagnosis/diagnose.js'
import type { DiagnosisContext } from '../../diagnosis/rule.js'
import { knowledge } from '../../products/knowledge.js'
import type { Found, Step } from '../context.js'

/** Reads the pulled logs and says what went wrong, with the lines that prove it; a success may still have something worth knowing. */
export const diagnose: Step = async ({ folder, found, emit, server }) => {
  const files = (found.collected ?? []).map(({ name, file }) => ({ path: name, bytes: readFileSync(file) }))
  const diagnosis = await read(files, {
    knowledge,
    context: contextOf(found),
  })
  writeFileSync(join(folder, 'diagnosis.json'), `${JSON.stringify(diagnosis, null, 2)}\n`, { mode: 0o600 })
  const ranked = rankCauses(diagnosis)
  for (const { log, cause } of ranked) {
    await emit({
      type: 'diagnosis.made',
      server: server.name,
      id: cause.id,
      confidence: cause.confidence,
      title: cause.title,
      evidence: cause.evidence.map(({ line, text }) => ({ log, line, text })),
      remedy: cause.remedy,
      ...(cause.fix === undefined ? {} : { fix: cause.fix }),
    })
  }
  const [best] = ranked
  if (best !== undefined) found.cause = best.cause.id
  return { outcome: 'ok', note: best === undefined ? `${files.length} logs, nothing found` : best.cause.title }
}

/** What the run knows beside the logs: a hang looks like any other quiet log, unless somebody says that the CRL was out of reach. */
function contextOf({ job, readiness, fact, restarted }: Found): DiagnosisContext {
  const policy = fact?.settings.executionPolicy
  const byGroupPolicy = policy?.MachinePolicy ?? policy?.UserPolicy
  return {
    ...(job === undefined
      ? {}
      : {
          crlChecking: !job.crlOff,
          stalled: job.end === 'stalled' || job.end === 'timed-out',
          running: job.end === 'stalled' || job.end === 'timed-out',
          ...(job.crlUnreachable ? { crlReachable: false } : {}),
          ...(job.end === 'interrupted' ? { rebooted: true } : {}),
        }),
    ...(restarted === true ? { restartedSince: true } : {}),
    ...(readiness === undefined ? {} : { elevated: readiness.elevated }),
    ...(byGroupPolicy === undefined || byGroupPolicy === null
      ? {}
      : { executionPolicy: byGroupPolicy, executionPolicyByGroupPolicy: true }),
  }
}
