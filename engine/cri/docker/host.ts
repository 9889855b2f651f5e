/** What the rooms of the daemon share: its process, configuration, stores, tasks, log. */
import { toHex } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { NetNamespace } from '#engine/linux/net/namespace'
import type { TaskManager } from '../containerd/tasks'
import type { ImageStore } from '../images/store'
import type { DockerConfig } from './config'
import type { Records } from './records'
import type { EventLog } from './events'
import { serverError } from './model'

export interface DockerHost {
  readonly process: Process
  readonly config: DockerConfig
  readonly images: ImageStore
  readonly tasks: TaskManager
  readonly records: Records
  readonly events: EventLog
  log(level: 'info' | 'warning' | 'error', message: string, fields?: Readonly<Record<string, string>>): void
}

export const mobyNamespace = 'moby'
export const engineVersion = '20.10.24+dfsg1'

export function newId({ process }: Pick<DockerHost, 'process'>): string {
  return toHex(process.random.bytes(32))
}

export function shortId(id: string): string {
  return id.slice(0, 12)
}

/** RFC 3339 with nine digits; Go's zero time where it never was. */
export function timeText(ms: number): string {
  if (ms <= 0) return '0001-01-01T00:00:00Z'
  const whole = Math.floor(ms)
  const micros = Math.floor((ms - whole) * 1e6)
  return `${new Date(whole).toISOString().slice(0, -1)}${String(micros).padStart(6, '0')}Z`
}

/** The network namespace of the machine, or of a file. */
export function netNamespace(process: Process, path?: string): NetNamespace {
  const namespace = path === undefined ? process.networkNamespace() : process.networkNamespace(path)
  if (!(namespace instanceof NetNamespace)) throw serverError('no network stack')
  return namespace
}
