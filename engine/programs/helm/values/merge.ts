/** One map of values over another. */
import { isTable, type Values } from './types'

export function mergeMaps(under: Values, over: Values): Values {
  const out: Values = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const below = out[key]
    out[key] = isTable(value) && isTable(below) ? mergeMaps(below, value) : value
  }
  return out
}
