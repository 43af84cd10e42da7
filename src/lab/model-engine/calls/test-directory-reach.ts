import { directoryReach } from '../../world/directory.js'
import type { ScriptAnswer } from '../script-call.js'

export const testDirectoryReach: ScriptAnswer<'Test-DirectoryReach'> = ({ server }) => directoryReach(server)
