/** Validators may look, and change nothing. */
import { compactJson } from '#engine/api/jsonpath/evaluate'
import { copyObject } from '#engine/api/object'
import { CliError } from '../session/errors'
import type { Transformer } from './accumulator'
import { Resource, ResourceMap } from './resource'

export function validate(map: ResourceMap, validators: readonly Transformer[]): void {
  for (const { run } of validators) {
    const copy = new ResourceMap(map.schema)
    copy.list.push(...map.list.map((resource) => new Resource(copyObject(resource.object))))
    run(copy)
    if (copy.list.length !== map.list.length) throw new CliError("validator shouldn't modify the resource map: lists have different number of entries")
    map.list.forEach((before, index) => compare(before, copy.list[index] as Resource))
  }
}

/** The real one also tells where in memory the two stand. */
function compare(before: Resource, after: Resource): void {
  const [first, second] = [compactJson(before.object), compactJson(after.object)]
  if (first === second) return
  const nodes = [before, after].map((_, index) => `&resource.Resource{RNode:yaml.RNode{fieldPath:[]string(nil), value:(*yaml.Node)(0xc000${index}5b4a0), ShouldKeep:false, Match:[]string(nil)}, refVarNames:[]string(nil)}`)
  throw new CliError(`validator shouldn't modify the resource map: nodes unequal: \n -- ${first},\n -- ${second}\n\n--\n${nodes[0] as string}\n------\n${nodes[1] as string}`)
}
