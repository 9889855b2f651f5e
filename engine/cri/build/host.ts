/** What a build needs of whoever runs it, and how it fails. */
import type { Process } from '#engine/linux/abi/process'
import type { ImageScope } from '../archive/scope'
import type { BuildNetwork, Emit } from './run'

export interface BuildHost extends ImageScope {
  readonly process: Process
  network(): Promise<BuildNetwork>
  /** Fetches an image that is not there; throws what the build fails with. */
  pull(name: string, emit: Emit): Promise<void>
}

/** A build cannot go on. `code` is the failing command's. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure'

  constructor(
    message: string,
    readonly code?: number,
  ) {
    super(message)
  }
}
