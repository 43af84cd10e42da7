import { packageFile } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'

export const initializePackage: ScriptAnswer<'Initialize-Package'> = ({ server: { files }, args }) => {
  const path = packageFile(args.Name, args.Sha256)
  files.makeFolder(path.slice(0, path.lastIndexOf('\\')))
  const present = files.exists(path) && files.sha256(path) === args.Sha256
  return { present, uploadPath: uploadPath(path), path }
}

/** Until its hash is known to be right the package has another name. */
export function uploadPath(path: string): string {
  return `${path}.part`
}
