/** What containerd asks of a shim, over the shim's own socket (the part of containerd.task.v3 that is needed). */
import type { Signal } from '#engine/linux/abi/signals'
import type { OciProcess, OciResources, OciSpec } from '../oci'

export const taskService = 'containerd.task.v3.Task'

export interface TaskRoot { readonly overlay?: { readonly lower: readonly string[]; readonly upper: string; readonly work: string } }

export interface CreateTaskRequest {
  readonly id: string
  readonly bundle: string
  readonly spec: OciSpec
  readonly rootfs: TaskRoot
  /** CRI log file; absent: output is kept for attach only. */
  readonly logPath?: string
  /** How the log is written; default: CRI's format. */
  readonly logFormat?: 'json-file'
  /** Output is kept until somebody attaches. */
  readonly holdOutput?: boolean
  readonly stdin: boolean
  readonly stdinOnce?: boolean
  readonly stopSignal?: string
  /** A task of before a snapshot that takes its place again. */
  readonly resume?: { readonly pid: number; readonly startedAtMs: number }
}

export type TaskStatus = 'created' | 'running' | 'stopped'

/** Also the content of `task.json` in the bundle. */
export interface TaskState {
  readonly id: string
  readonly status: TaskStatus
  readonly pid: number
  readonly startedAtMs: number
  readonly exitCode: number
  readonly exitedAtMs: number
  readonly oomKilled: boolean
}

export interface ExecTaskRequest { readonly id: string; readonly execId: string; readonly process: OciProcess; readonly timeoutMs?: number }
export interface ExecTaskResponse { readonly exitCode: number; readonly stdout: Uint8Array; readonly stderr: Uint8Array; readonly timedOut: boolean }
export interface KillRequest { readonly id: string; readonly signal: Signal; readonly all?: boolean }
export interface UpdateTaskRequest { readonly id: string; readonly resources: OciResources }

export interface TaskEvent { readonly kind: 'exit' | 'oom'; readonly state: TaskState }

/** Path of an upgraded request: `/exec?...` carries the exec request as the body's value. */
export interface StreamRequest {
  readonly id: string
  readonly execId?: string
  readonly process?: OciProcess
  readonly tty: boolean
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
}

export function shimSocket(namespace: string, id: string): string {
  return `/run/containerd/s/${namespace}-${id}`
}
