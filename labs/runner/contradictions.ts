/** What no schema can say of a lab: one kind a check, unique ids, machines, paths and patterns that there can be. */
import { RE2JS } from 're2js'
import { JsonPath } from '#engine/api/jsonpath/evaluate'
import { profiles } from '#engine/cluster/index'
import { nearest } from './nearest'
import type { Check, Gate, Lab } from './schema'

export interface Contradiction {
  /** Where in the lab: keys and indexes. */
  readonly path: readonly string[]
  readonly message: string
}

export function contradictions(lab: Lab): Contradiction[] {
  const all = [...placed('checks', lab.checks), ...placed('gates', lab.gates ?? [])]
  return [...kindsAndIds(all), ...nearMisses(lab, all.map(({ check }) => check.id)), ...machines(lab), ...expressions(lab, [])]
}

interface Placed {
  readonly check: Check | Gate
  readonly path: readonly string[]
}

function placed(name: string, checks: readonly (Check | Gate)[]): Placed[] {
  return checks.map((check, index) => ({ check, path: [name, String(index)] }))
}

const kindsOfCheck = ['object', 'command', 'file', 'unit', 'canI', 'reach'] as const

function kindsAndIds(all: readonly Placed[]): Contradiction[] {
  const ids = new Set<string>()
  return all.flatMap(({ check, path }) => {
    const kinds = kindsOfCheck.filter((kind) => check[kind] !== undefined)
    const twice = ids.has(check.id)
    ids.add(check.id)
    return [
      ...(kinds.length === 1 ? [] : [{ path, message: `"${check.id}" must have exactly one of ${kindsOfCheck.join(', ')}; it has ${kinds.join(' and ') || 'none'}` }]),
      ...(twice ? [{ path: [...path, 'id'], message: `the id "${check.id}" is used twice` }] : []),
    ]
  })
}

function nearMisses(lab: Lab, ids: readonly string[]): Contradiction[] {
  return lab.nearMisses.flatMap((miss, i) =>
    miss.fails.flatMap((id, j) => (ids.includes(id) ? [] : [{ path: ['nearMisses', String(i), 'fails', String(j)], message: `there is no check "${id}"${suggestion(id, ids)}` }])),
  )
}

/** Every machine that is named must be one of the profile's. */
function machines(lab: Lab): Contradiction[] {
  const known = profiles[lab.cluster.profile].machines.map(({ name }) => name)
  return namesOfMachines(lab, []).flatMap(({ path, name }) =>
    known.includes(name) || name.includes('{{') ? [] : [{ path, message: `the profile "${lab.cluster.profile}" has no machine "${name}"; it has ${known.join(', ')}${suggestion(name, known, '; ')}` }],
  )
}

function namesOfMachines(value: unknown, path: readonly string[]): { readonly path: readonly string[]; readonly name: string }[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) => {
    const here = [...path, key]
    return typeof item === 'string' && (key === 'on' || (key === 'host' && path.length === 0)) ? [{ path: here, name: item }] : namesOfMachines(item, here)
  })
}

/** Paths into objects and patterns, tried with something in place of each variable. */
function expressions(value: unknown, path: readonly string[]): Contradiction[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) => {
    const here = [...path, key]
    if (typeof item !== 'string') return expressions(item, here)
    const text = item.replace(/\{\{[^}]*\}\}/g, 'x')
    if (key === 'path' && (path.includes('where') || path.includes('anyOf'))) return broken(here, 'JSONPath', () => new JsonPath(`{${text.startsWith('.') ? '' : '.'}${text}}`))
    return key === 'matches' ? broken(here, 'pattern', () => RE2JS.compile(text)) : []
  })
}

function broken(path: readonly string[], what: string, attempt: () => unknown): Contradiction[] {
  try {
    attempt()
    return []
  } catch (error) {
    return [{ path, message: `this is no ${what}: ${(error as Error).message}` }]
  }
}

function suggestion(given: string, known: readonly string[], before = ': '): string {
  const near = nearest(given, known)
  return near ? `${before}did you mean "${near}"?` : ''
}
