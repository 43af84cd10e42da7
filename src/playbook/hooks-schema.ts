import { z } from 'zod'

const command = z
  .array(z.string().min(1))
  .min(1)
  .meta({ examples: [['./before-batch.sh']] })

const hook = z
  .strictObject({
    local: command.meta({ description: 'a program on this machine and its arguments' }).optional(),
    script: z
      .string()
      .min(1)
      .meta({ description: 'a PowerShell script that runs on the server', examples: ['drain.ps1'] })
      .optional(),
  })
  .refine(given => Object.keys(given).length === 1, {
    error: 'must say exactly one thing to do',
    params: { instead: '{ local: [PROGRAM, ARGUMENT] } | { script: FILE.ps1 }' },
  })
  .meta({ minProperties: 1, maxProperties: 1, examples: [{ local: ['./drain.sh'] }, { script: 'drain.ps1' }] })

/** What to do before and after the run, each batch and each server. */
export const hooksSchema = z.strictObject({
  before_run: hook.exactOptional(),
  after_run: hook.exactOptional(),
  before_batch: hook.exactOptional(),
  after_batch: hook.exactOptional(),
  before_server: hook.exactOptional(),
  after_server: hook.exactOptional(),
})

const notice = z
  .strictObject({
    webhook: z
      .url({ protocol: /^https?$/, error: 'must be the URL of a web hook' })
      .meta({ examples: ['https://chat.contoso.com/hooks/...'] })
      .optional(),
    command: command.meta({ examples: [['./page-me.sh']] }).optional(),
  })
  .refine(given => Object.keys(given).length === 1, {
    error: 'must name exactly one way to tell',
    params: { instead: '{ webhook: URL } | { command: [PROGRAM, ARGUMENT] }' },
  })
  .meta({ minProperties: 1, maxProperties: 1, examples: [{ command: ['./page-me.sh'] }] })

/** Whom to tell when a server fails, when a run waits for approval, and when it ends. */
export const notifySchema = z.strictObject({
  failure: notice.exactOptional(),
  approval: notice.exactOptional(),
  end: notice.exactOptional(),
})
