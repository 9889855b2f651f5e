/** `helm show`: what a chart says of itself. */
import { decodeUtf8 } from '#engine/base/bytes'
import { emitYaml } from '#engine/base/yaml/emit'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, type Flag, string } from '#engine/programs/common/cobra/flags'
import { loadChart } from '#engine/programs/helm/chart/load'
import { encodedMetadata } from '#engine/programs/helm/chart/metadata'
import { chartCrds, type Chart } from '#engine/programs/helm/chart/types'
import { JsonPath } from '#engine/api/jsonpath/evaluate'
import { plainValues } from '#engine/programs/helm/values/types'
import { exactly } from '../cli/arguments'
import { completeChart } from '../cli/complete'
import { chartPathFlags, locateChart, locateOptions } from '../repo/locate'

type Part = 'all' | 'chart' | 'values' | 'readme' | 'crds'

const flags: readonly Flag[] = [...chartPathFlags, bool('devel', "use development versions, too. Equivalent to version '>0.0.0-0'. If --version is set, this is ignored")]

export const showCommand: Command = {
  use: 'show', aliases: ['inspect'], short: 'show information of a chart', long: 'Shows what a chart holds beside its templates.',
  commands: [
    part('all', 'show all information of the chart'), part('chart', "show the chart's definition"), part('crds', "show the chart's CRDs"), part('readme', "show the chart's README"),
    part('values', "show the chart's values", [string('jsonpath', 'supply a JSONPath expression to filter the output')]),
  ],
}

function part(name: Part, short: string, more: readonly Flag[] = []): Command {
  const use = `${name} [CHART]`
  return { use, short, long: `${short.charAt(0).toUpperCase()}${short.slice(1)}: a directory, an archive, a URL or REPO/CHART.`, args: exactly(use, 1), flags: [...flags, ...more], complete: completeChart(0), run: (invocation) => show(invocation, name) }
}

async function show({ process, flags: given, args }: Invocation, name: Part): Promise<number> {
  const chart = loadChart(process.files, await locateChart(process, args[0] as string, locateOptions(process, given)))
  const expression = given.has('jsonpath') ? given.string('jsonpath') : ''
  await process.stdout.write(expression === '' ? description(chart, name) : atPath(chart, expression))
  return 0
}

function atPath(chart: Chart, expression: string): string {
  let path: JsonPath
  try {
    path = new JsonPath(expression)
  } catch (error) {
    throw new Error(`error parsing jsonpath ${expression}: ${(error as Error).message}`)
  }
  return path.text(plainValues(chart.values))
}

const readmeNames = ['readme.md', 'readme.txt', 'readme']

export function description(chart: Chart, name: Part): string {
  const all = name === 'all'
  const wanted = (part: Part): boolean => all || name === part
  return [
    wanted('chart') ? `${emitYaml(encodedMetadata(chart.metadata))}\n` : '',
    wanted('values') ? valuesText(chart, all) : '',
    wanted('readme') ? readmeText(chart, all) : '',
    wanted('crds') ? crdsText(chart, all) : '',
  ].join('')
}

function valuesText(chart: Chart, all: boolean): string {
  const texts = chart.raw.filter((file) => file.name === 'values.yaml').map((file) => `${decodeUtf8(file.data)}\n`)
  return (all && texts.length > 0 ? '---\n' : '') + texts.join('')
}

function readmeText(chart: Chart, all: boolean): string {
  const readme = chart.files.find((file) => readmeNames.includes(file.name.toLowerCase()))
  return readme ? `${all ? '---\n' : ''}${decodeUtf8(readme.data)}\n` : ''
}

function crdsText(chart: Chart, all: boolean): string {
  const texts = chartCrds(chart).map(({ file }) => decodeUtf8(file.data))
  return (all && texts[0] !== undefined && !texts[0].startsWith('---') ? '---\n' : '') + texts.map((text) => `${text}\n`).join('')
}
