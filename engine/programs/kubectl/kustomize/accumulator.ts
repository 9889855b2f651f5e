/** What a kustomization has gathered so far: objects, the fields its transformers change, vars. */
import { emptyConfig, mergedConfig, type TransformerConfig } from './config'
import { type Origin, ResourceMap } from './resource'
import { addVar, type Var } from './vars'

export class Accumulator {
  config: TransformerConfig = emptyConfig
  vars: Var[] = []

  constructor(readonly map: ResourceMap) {}

  /** An empty one for a base, of the same schema. */
  fresh(): Accumulator {
    return new Accumulator(new ResourceMap(this.map.schema))
  }

  merge(other: Accumulator): void {
    for (const resource of other.map.list) this.map.append(resource)
    this.config = mergedConfig(this.config, other.config)
    for (const one of other.vars) addVar(this.vars, one)
  }
}

/** One step that changes the objects. */
export interface Transformer {
  readonly origin: Origin
  readonly run: (map: ResourceMap) => void
}

export function runTransformers(map: ResourceMap, transformers: readonly Transformer[]): void {
  for (const { origin, run } of transformers) {
    run(map)
    for (const resource of map.list) resource.transformations.push(origin)
  }
}
