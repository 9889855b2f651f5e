/** `--show-only`: the documents of the templates that were asked for. */
import { globPattern } from '#engine/programs/helm/chart/glob'
import { splitManifests } from '#engine/programs/helm/manifests/split'

export function shownOnly(text: string, wanted: readonly string[]): string {
  const documents = splitManifests(text).flatMap((document) => {
    const path = /# Source: [^/]+\/(.+)/.exec(document)?.[1]
    return path === undefined ? [] : [{ path, document }]
  })
  const out: string[] = []
  for (const pattern of wanted) {
    const expression = globPattern(pattern.replaceAll('\\', '/'))
    const found = documents.filter(({ path }) => expression.test(path))
    if (found.length === 0) throw new Error(`could not find template ${pattern} in chart`)
    out.push(...found.map(({ document }) => `---\n${document}\n`))
  }
  return out.join('')
}
