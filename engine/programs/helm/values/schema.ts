/** values.schema.json, of a chart and of those it depends on, with the words of helm 3.19. */
import { decodeUtf8 } from '#engine/base/bytes'
import { type Chart, chartName } from '#engine/programs/helm/chart/types'
import { SchemaValidator } from './schema-validator'
import { isTable, plainValues, type Values } from './types'

export function validateValues(chart: Chart, values: Values): void {
  const found = problems(chart, values)
  if (found !== '') throw new Error(`values don't meet the specifications of the schema(s) in the following chart(s):\n${found}`)
}

/** Empty where all is well. */
export function problems(chart: Chart, values: Values): string {
  const own = chart.schema ? schemaProblems(decodeUtf8(chart.schema), values) : ''
  const below = chart.dependencies.map((dependency) => {
    const given = values[chartName(dependency)]
    return problems(dependency, isTable(given) ? given : {})
  })
  return (own === '' ? '' : `${chartName(chart)}:\n${own}`) + below.join('')
}

/** Each problem on a line of its own. */
export function schemaProblems(schema: string, values: Values): string {
  let parsed: unknown
  try {
    parsed = JSON.parse(schema)
  } catch (error) {
    return `${(error as Error).message}`
  }
  const lines = new SchemaValidator(parsed).validate(plainValues(values))
  return lines.map((line) => `${line}\n`).join('')
}
