/** Every built-in kind that has a strategy of its own. Kinds without one are served from the schema data alone. */
import type { ResourceDefinition } from '#engine/apiserver/registry/resource'

export const resourceDefinitions: readonly ResourceDefinition[] = []
