/** A chart's values under those of the user, down through the charts it depends on. */
import { goPrint, typeName } from '#engine/programs/common/gotemplate/values'
import { type Chart, chartName } from '#engine/programs/helm/chart/types'
import { copyValues, isTable, type Values } from './types'

/** Where warnings go: helm logs them to standard error. */
export type Warn = (line: string) => void

const silent: Warn = () => undefined

/** Values of the user that are null take the chart's away. */
export function coalesceValues(chart: Chart, values: Values, warn: Warn = silent): Values {
  return new Coalescence(warn, false).chart(chart, copyValues(values), '')
}

/** The same, where null stays. */
export function mergeChartValues(chart: Chart, values: Values, warn: Warn = silent): Values {
  return new Coalescence(warn, true).chart(chart, copyValues(values), '')
}

/** What `over` lacks comes from `under`. */
export function coalesceTables(over: Values, under: Values, keepNull = false, warn: Warn = silent): Values {
  return new Coalescence(warn, keepNull).tables(over, under, '')
}

const dotted = (prefix: string, key: string): string => (prefix === '' ? key : `${prefix}.${key}`)

class Coalescence {
  constructor(private readonly warn: Warn, private readonly keepNull: boolean) {}

  chart(chart: Chart, values: Values, prefix: string): Values {
    this.own(chart, values, prefix)
    const below = dotted(prefix, chartName(chart))
    for (const dependency of chart.dependencies) {
      const name = chartName(dependency)
      const given = values[name] ?? {}
      if (!isTable(given)) throw new Error(`type mismatch on ${name}: %!t(${typeName(given)}=${goPrint(given)})`)
      this.globals(given, values, below)
      values[name] = this.chart(dependency, given, below)
    }
    return values
  }

  private own(chart: Chart, values: Values, prefix: string): void {
    const place = dotted(prefix, chartName(chart))
    for (const [key, value] of Object.entries(copyValues(chart.values))) {
      if (!Object.hasOwn(values, key)) {
        values[key] = value
        continue
      }
      const given = values[key]
      if (given === null && !this.keepNull) delete values[key]
      else if (isTable(given)) this.under(given, value, place, key)
    }
  }

  private under(given: Values, value: unknown, place: string, key: string): void {
    if (isTable(value)) this.tables(given, value, `${place}.${key}`)
    else if (value !== null) this.warn(`coalesce.go:237: warning: skipped value for ${place}.${key}: Not a table.`)
  }

  tables(over: Values, under: Values, prefix: string): Values {
    for (const [key, value] of Object.entries(under)) {
      const place = dotted(prefix, key)
      if (!Object.hasOwn(over, key)) over[key] = value
      else if (over[key] === null && !this.keepNull) delete over[key]
      else if (isTable(value)) {
        if (isTable(over[key])) this.tables(over[key], value, place)
        else this.warn(`coalesce.go:286: warning: cannot overwrite table with non table for ${place} (${goPrint(value)})`)
      } else if (isTable(over[key]) && value !== null) this.warn(`coalesce.go:289: warning: destination for ${place} is a table. Ignoring non-table value (${goPrint(value)})`)
    }
    return over
  }

  private globals(into: Values, from: Values, prefix: string): void {
    const own = into['global'] ?? {}
    const given = from['global'] ?? {}
    if (!isTable(own)) return this.warn(`coalesce.go:125: warning: skipping globals because destination ${prefix} is not a table.`)
    if (!isTable(given)) return this.warn(`coalesce.go:132: warning: skipping globals because source ${prefix} is not a table.`)
    for (const [key, value] of Object.entries(given)) {
      if (!isTable(value)) {
        if (isTable(own[key])) this.warn(`coalesce.go:162: key ${prefix}.global.${key} is table. Skipping`)
        else own[key] = value
        continue
      }
      const copy = copyValues(value)
      if (own[key] === undefined || own[key] === null) own[key] = copy
      else if (isTable(own[key])) own[key] = this.tables(copy, own[key], `${prefix}.global.${key}`)
      else this.warn(`coalesce.go:155: Conflict: cannot merge map onto non-map for ${JSON.stringify(key)}. Skipping.`)
    }
    into['global'] = own
  }
}
