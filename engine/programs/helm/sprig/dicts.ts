/** Dictionaries. */
import { kindOf, sortedKeys } from '#engine/programs/common/gotemplate/values'
import { isTable, copyValues, type Values } from '#engine/programs/helm/values/types'
import { fn, type FunctionTable, isEmpty, strval, withMust } from './define'

function dict(...pairs: unknown[]): Values {
  const out: Values = {}
  for (let i = 0; i < pairs.length; i += 2) out[strval(pairs[i])] = i + 1 < pairs.length ? pairs[i + 1] : ''
  return out
}

/** mergo: what is empty counts as missing. */
function mergeInto(into: Values, from: Values, overwrite: boolean): Values {
  for (const key of Object.keys(from)) {
    const [own, value] = [into[key], from[key]]
    if (isTable(own) && isTable(value)) mergeInto(own, value, overwrite)
    else if (!Object.hasOwn(into, key) || isEmpty(own) || (overwrite && !isEmpty(value))) into[key] = value
  }
  return into
}

const merge = (overwrite: boolean) => fn('map map...', (into: Values, ...sources: Values[]) => sources.reduce((out, source) => mergeInto(out, copyValues(source ?? {}), overwrite), into))

function dig(...steps: unknown[]): unknown {
  if (steps.length < 3) throw new Error('dig needs at least three arguments')
  const data = steps[steps.length - 1]
  const fallback = steps[steps.length - 2]
  if (!isTable(data)) throw new Error(`interface conversion: interface {} is ${kindOf(data) === 'invalid' ? 'nil' : kindOf(data)}, not map[string]interface {}`)
  let value: unknown = data
  for (const step of steps.slice(0, -2)) {
    if (!isTable(value) || !Object.hasOwn(value, strval(step))) return fallback
    value = value[strval(step)]
  }
  return value
}

function picked(from: Values, wanted: (key: string) => boolean): Values {
  return Object.fromEntries(Object.entries(from ?? {}).filter(([key]) => wanted(key)))
}

export const dictFunctions: FunctionTable = {
  dict: fn('any...', dict),
  get: fn('map string', (from: Values | undefined, key: string) => (from && Object.hasOwn(from, key) ? from[key] : '')),
  set: fn('map string any', (into: Values, key: string, value: unknown) => {
    into[key] = value ?? null
    return into
  }),
  unset: fn('map string', (from: Values, key: string) => {
    delete from[key]
    return from
  }),
  hasKey: fn('map string', (from: Values | undefined, key: string) => from !== undefined && from !== null && Object.hasOwn(from, key)),
  pluck: fn('string map...', (key: string, ...from: Values[]) => from.filter((item) => item && Object.hasOwn(item, key)).map((item) => item[key])),
  keys: fn('map...', (...from: Values[]) => from.flatMap((item) => sortedKeys(item ?? {}))),
  values: fn('map', (from: Values) => sortedKeys(from ?? {}).map((key) => from[key])),
  pick: fn('map string...', (from: Values, ...keys: string[]) => picked(from, (key) => keys.includes(key))),
  omit: fn('map string...', (from: Values, ...keys: string[]) => picked(from, (key) => !keys.includes(key))),
  ...withMust('merge', merge(false)),
  ...withMust('mergeOverwrite', merge(true)),
  ...withMust('deepCopy', fn('any', copyValues)),
  dig: fn('any...', dig),
}
