import type { KubeObject } from '#engine/api/object'
import type { Session } from '#engine/programs/kubectl/session/session'
import type { EventList } from './common'
import type { Writer } from './writer'

export interface DescribeContext {
  readonly session: Session
  readonly events: EventList | undefined
  readonly nowMs: number
}

export type Describer = (w: Writer, object: KubeObject, context: DescribeContext) => void | Promise<void>
