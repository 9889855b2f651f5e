/** Values that differ from candidate to candidate, and the templates that hold them. */
import Handlebars from 'handlebars'
import { SeededRandom } from '#engine/base/random'
import type { Lab } from './schema'

export type Values = Readonly<Record<string, string>>

/** Chosen by the seed and the lab's id: each retake gets others, the same seed the same. */
export function chooseValues(lab: Lab, seed: string): Values {
  const values: Record<string, string> = {}
  for (const [name, variable] of Object.entries(lab.variables ?? {})) {
    const random = new SeededRandom(`${lab.id}/${seed}/${name}`)
    const [from = 0, to = 0] = variable.range ?? []
    if (variable.oneOf) values[name] = String(variable.oneOf[random.integer(variable.oneOf.length)])
    else if (variable.range) values[name] = String(from + random.integer(to - from + 1))
    else values[name] = `${adjectives[random.integer(adjectives.length)] ?? ''}-${nouns[random.integer(nouns.length)] ?? ''}`
  }
  return values
}

/** The lab with its values in every text. A name that is not declared is an error; no helper runs code. */
export function render(lab: Lab, values: Values): Lab {
  return renderValue(lab, values) as Lab
}

function renderValue(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return value.includes('{{') ? renderText(value, values) : value
  if (Array.isArray(value)) return value.map((item) => renderValue(item, values))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renderValue(item, values)]))
}

const sandbox = Handlebars.create()
for (const helper of Object.keys(sandbox.helpers)) sandbox.unregisterHelper(helper)

function renderText(text: string, values: Values): string {
  const template = sandbox.compile(text, { noEscape: true, strict: true, knownHelpersOnly: true, preventIndent: true })
  return template(values, { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false })
}

const adjectives = ['amber', 'brisk', 'calm', 'coral', 'eager', 'fleet', 'green', 'ivory', 'lunar', 'misty', 'north', 'rapid', 'silver', 'steady', 'tidal', 'violet']
const nouns = ['anchor', 'beacon', 'canvas', 'cutter', 'delta', 'harbor', 'keel', 'lagoon', 'mast', 'pilot', 'reef', 'rudder', 'sail', 'shore', 'tide', 'wharf']
