/** What a kubelet knows of the API's types: manifests are read and checked as the API server would. Given by who starts it. */
import type { Pod } from '#engine/api/kinds'

export interface PodSchema {
  /** Some kind of this name is there in this version. */
  knows(apiVersion: string, kind: string): boolean
  /** The pod without fields that it does not have; `error` is the decoder's, for values of a wrong type. */
  decode(document: object): { readonly pod: Pod; readonly error: string | undefined }
  /** What is wrong with it, field by field: `spec.containers[0].image: Required value`. */
  validate(pod: Pod): readonly string[]
}
