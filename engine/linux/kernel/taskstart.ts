import type { Credentials, Executable } from '#engine/linux/abi/process'
import type { Namespaces } from '#engine/linux/kernel/namespaces'
import type { Pid } from '#engine/linux/kernel/pid'
import type { Task } from '#engine/linux/kernel/task'
import type { Place } from '#engine/linux/vfs/mount'

/** What a process is born with. */
export interface TaskStart {
  readonly pids: Pid
  readonly parent: Task | undefined
  readonly group: Pid
  readonly session: Pid
  readonly namespaces: Namespaces
  readonly credentials: Credentials
  readonly root: Place
  readonly cwd: Place
  readonly umask: number
  readonly env: Map<string, string>
  readonly argv: readonly string[]
  readonly executable: Executable
  readonly command: string
  readonly startedAtMs: number
  readonly resumed: boolean
}
