/** Searching indexes: what is nearest to the beginning of name, short name, description and keywords comes first. */
import { compareVersions, parseVersion } from '#engine/programs/helm/chart/versions'
import { goExpression } from '../cli/expression'
import type { ChartVersion } from './charts'

export interface Hit {
  /** `REPO/CHART`. */
  readonly name: string
  readonly chart: ChartVersion
}

export type SearchIndex = Hit[]

const threshold = 25

export function search(index: SearchIndex, term: string, isRegexp: boolean): Hit[] {
  const scored = term === '' ? index.map((hit) => ({ hit, score: 0 })) : index.flatMap((hit) => {
    const fields = [hit.name, hit.name.slice(hit.name.indexOf('/') + 1), hit.chart.description ?? '', (hit.chart.keywords ?? []).join(' ')]
    const score = isRegexp ? scoreOfPattern(fields, term) : scoreOfWord(fields, term.toLowerCase())
    return score === undefined || score >= threshold ? [] : [{ hit, score }]
  })
  return scored.sort((a, b) => a.score - b.score || compareHits(a.hit, b.hit)).map(({ hit }) => hit)
}

function scoreOfWord(fields: readonly string[], term: string): number | undefined {
  const at = fields.findIndex((field) => field.toLowerCase().includes(term))
  return at < 0 ? undefined : at
}

function scoreOfPattern(fields: readonly string[], pattern: string): number | undefined {
  const expression = goExpression(pattern)
  const at = fields.findIndex((field) => expression.test(field))
  return at < 0 ? undefined : at
}

function compareHits(a: Hit, b: Hit): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  const [left, right] = [parseVersion(String(a.chart.version)), parseVersion(String(b.chart.version))]
  return left && right ? compareVersions(right, left) : left ? -1 : 1
}
