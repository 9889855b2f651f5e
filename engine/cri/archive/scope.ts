/** Whose images are meant: a store on a machine's disk and the namespace in it. */
import type { Files } from '#engine/linux/abi/files'
import type { ImageStore, StoredImage } from '../images/store'

export interface ImageScope {
  readonly files: Files
  readonly store: ImageStore
  readonly namespace: string
  now(): number
}

/** An archive cannot be made or read: the message is what docker's daemon says. */
export class ArchiveProblem extends Error {
  override readonly name = 'ArchiveProblem'
}

export function isoTime(ms: number): string {
  return new Date(Math.floor(ms)).toISOString().replace('Z', '000000Z')
}

/** The image an image was built from, where it is known. */
export function parentOf(scope: ImageScope, id: string): string | undefined {
  const parent = scope.store.record(scope.namespace, id)?.labels['parent']
  return parent === undefined || parent === '' ? undefined : parent
}

export function imageById(scope: ImageScope, id: string): StoredImage | undefined {
  return scope.store.list(scope.namespace).find((image) => image.id === id)
}
