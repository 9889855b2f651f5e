/** `docker import`: an image of one layer out of a root file system. */
import { gunzip, isGzip } from '#engine/base/archive/gzip'
import type { ImageConfig } from '../images/definition'
import { normalizeReference } from '../images/reference'
import { commitImage } from './commit'
import { entriesOf } from './tree'
import type { ImageScope } from './scope'

export interface ImportOptions {
  /** `name[:tag]`. */
  readonly name?: string
  readonly config?: ImageConfig
  readonly message?: string
}

/** Returns the id. Throws ArchiveProblem on what is no archive. */
export function importImage(scope: ImageScope, tar: Uint8Array, options: ImportOptions = {}): string {
  entriesOf(tar)
  const archive = isGzip(tar) ? gunzip(tar) : tar
  const image = commitImage(scope, {
    archive, config: options.config ?? {}, createdBy: '', comment: options.message ?? 'Imported from -',
    ...(options.name === undefined || options.name === '' ? {} : { names: [normalizeReference(options.name)] }),
  })
  return image.id
}
