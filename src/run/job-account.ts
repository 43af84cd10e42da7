import { ScriptError } from '../errors.js'
import type { Credential, InventoryServer } from '../inventory/model.js'
import { isManaged } from '../inventory/per-server.js'

/** The account that installs of a run go by, where it is not SYSTEM. */
export interface JobAccount {
  /** As the inventory writes it. */
  username: string
  /** Its password on that server; empty for a group managed service account. Goes into the data of a call and nowhere else. */
  password(server: InventoryServer): Promise<string>
  /**
   * Lets one server after the other try the account until one has let it in; then all at once. Once it was refused nobody tries again:
   * forty servers with one wrong password lock an account. Throws what `attempt` throws, or what it threw on the server that was refused.
   */
  tryOn<T>(server: string, attempt: () => Promise<T>): Promise<T>
}

/** `.\name` is another account on each server. */
function isLocal({ username }: Pick<Credential, 'username'>): boolean {
  return username.startsWith('.\\')
}

export function createJobAccount(
  credential: Pick<Credential, 'username'>,
  password: (server: InventoryServer) => Promise<string | undefined>,
): JobAccount {
  // No tries lock a managed account, and each server has its own right to its password.
  const oneForAll = !isLocal(credential) && !isManaged(credential)
  let proven = false
  let refused: { server: string; error: ScriptError } | undefined
  let underway: Promise<unknown> | undefined

  async function attemptAlone<T>(server: string, attempt: () => Promise<T>): Promise<T> {
    try {
      const result = await attempt()
      proven = true
      return result
    } catch (error) {
      if (error instanceof ScriptError && error.code === refusedCode) refused ??= { server, error }
      throw error
    }
  }

  return {
    username: credential.username,
    password: async server => (await password(server)) ?? '',
    async tryOn(server, attempt) {
      if (!oneForAll) return attempt()
      while (!proven && refused === undefined && underway !== undefined) await underway
      if (refused !== undefined) throw notTried(refused)
      const mine = attemptAlone(server, attempt)
      const over = mine.then(
        () => undefined,
        () => undefined,
      )
      underway = over.finally(() => {
        underway = undefined
      })
      return mine
    },
  }
}

/** Windows did not let the account log on (ps-scripts/shared/JobAccount.ps1). */
const refusedCode = 'JOB_ACCOUNT_REFUSED'

function notTried({ server, error }: { server: string; error: ScriptError }): ScriptError {
  return new ScriptError(`not tried here, because ${server} refused it: ${error.message}`, {
    code: refusedCode,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}
