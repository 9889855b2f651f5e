import type { KubeObject } from '#engine/api/object'
import type { Mapping } from '#engine/programs/common/kube/discovery'

/** One object a command is about: where it came from, and what is known of it. */
export interface Info {
  readonly mapping: Mapping
  namespace: string
  name: string
  /** The file it was read from (`STDIN`, a path, a URL), or empty. */
  readonly source: string
  object: KubeObject | undefined
}
