import { packageFile } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'
import { ScriptProblem } from '../script-problem.js'
import { uploadPath } from './initialize-package.js'

export const completePackage: ScriptAnswer<'Complete-Package'> = ({ server: { files }, args: { Name, Sha256 } }) => {
  const path = packageFile(Name, Sha256)
  const upload = uploadPath(path)
  if (!files.exists(upload)) {
    if (files.exists(path) && files.sha256(path) === Sha256) return { path, sha256: Sha256 }
    throw new ScriptProblem('PACKAGE_MISSING', `${upload} is not there`, 'Run again: the package is sent again.')
  }
  const sha256 = files.sha256(upload)
  if (sha256 !== Sha256) {
    files.remove(upload)
    throw new ScriptProblem(
      'PACKAGE_DAMAGED',
      `${Name} arrived with SHA-256 ${sha256}, expected ${Sha256}`,
      'It is sent again.',
    )
  }
  files.rename(upload, path)
  return { path, sha256 }
}
