// Figures of speed beside their budgets: node scripts/bench/bench.mjs [--json FILE] [--only REGEX] [--large] [--list]. Needs a build.
import { readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Room } from './room.mjs'

const folder = new URL('measures/', import.meta.url)
const args = process.argv.slice(2)
const after = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined)
const only = new RegExp(after('--only') ?? '')
const large = args.includes('--large')

process.chdir(fileURLToPath(new URL('../../', import.meta.url)))
const measures = []
for (const file of readdirSync(folder).sort()) measures.push(...(await import(new URL(file, folder).href)).measures)
const wanted = measures.filter((measure) => only.test(measure.name) && (large || !measure.large))
if (args.includes('--list')) {
  for (const measure of measures) process.stdout.write(`${measure.name}${measure.large ? ' (--large)' : ''}\n`)
  process.exit(0)
}

const room = new Room()
const results = []
try {
  process.stdout.write(line('what', 'found', 'budget', ''))
  for (const measure of wanted) results.push(await taken(measure))
} finally {
  await room.close()
}
const file = after('--json')
if (file) writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), node: process.version, results }, null, 2)}\n`)
process.exit(0)

/** One measure, told as soon as it is taken. A measure that fails is told and does not end the others. */
async function taken(measure) {
  const { name, unit, most, least } = measure
  try {
    const found = await measure.run(room)
    const { value, note = '' } = typeof found === 'number' ? { value: found } : found
    const holds = (most === undefined || value <= most) && (least === undefined || value >= least)
    process.stdout.write(line(name, `${number(value)} ${unit}`, budgetText(measure), `${holds ? '' : 'over  '}${note}`))
    return { name, unit, value, ...(most === undefined ? {} : { most }), ...(least === undefined ? {} : { least }), holds, note }
  } catch (error) {
    process.stdout.write(line(name, 'failed', budgetText(measure), error instanceof Error ? error.message.split('\n')[0] : String(error)))
    return { name, unit, value: null, holds: false, note: String(error) }
  }
}

function budgetText({ most, least, unit }) {
  if (most === undefined && least === undefined) return ''
  return most === undefined ? `>= ${number(least)} ${unit}` : `<= ${number(most)} ${unit}`
}

function number(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function line(what, found, budget, note) {
  return `${what.padEnd(58)} ${found.padStart(14)}  ${budget.padEnd(16)} ${note}`.trimEnd() + '\n'
}
