/** What a leader knows of the member that it is. */
import type { Clock } from '#engine/base/clock'
import type { Members } from './members'
import type { Entry, Position } from './messages'

/** What a leader shares with its member. */
export interface RaftHost {
  readonly id: string
  readonly clock: Clock
  readonly members: Members
  /** Entries that are not known to count yet. */
  readonly pending: Entry[]
  readonly applied: Position
  last(): Position
  /** Runs at once; the promise is its result. */
  apply(entry: Entry): Promise<unknown>
  /** The applied entries after a position; undefined where they are not kept. */
  since(at: Position): readonly Entry[] | undefined
  snapshot(): Uint8Array
  /** Too few hear this leader. */
  lostQuorum(): void
}
