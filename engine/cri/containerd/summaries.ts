/** What containerd's client service tells of containers, images and plugins. */
import type { StoredImage } from '../images/store'

/** A container of any namespace, as `ctr containers ls` and `nerdctl ps` need it. */
export interface ContainerSummary {
  readonly id: string
  readonly image: string
  readonly runtime: string
  readonly labels: Readonly<Record<string, string>>
  readonly createdMs: number
  readonly status: 'created' | 'running' | 'stopped'
  readonly pid: number
  readonly exitCode: number
  readonly exitedAtMs: number
  readonly args: readonly string[]
  readonly spec?: unknown
  readonly logPath?: string
  readonly ports?: readonly string[]
}

export interface ImageSummary extends StoredImage { readonly name: string; readonly mediaType: string; readonly labels: Readonly<Record<string, string>> }

export interface PluginStatus { readonly type: string; readonly id: string; readonly platform: string; readonly status: 'ok' | 'skip' | 'error' }
