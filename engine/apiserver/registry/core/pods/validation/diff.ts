/** How two pod specs differ, in their Go form. */
import type { Free } from '#engine/apiserver/registry/free'
import { goDiff } from './go-diff'
import { goPodSpec } from './go-pod-spec'

export function podSpecDiff(before: Free, after: Free): string {
  return goDiff(goPodSpec(before), goPodSpec(after))
}
