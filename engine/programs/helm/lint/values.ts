/** Rules for values.yaml. */
import { decodeUtf8 } from '#engine/base/bytes'
import type { Files } from '#engine/linux/abi/files'
import { coalesceTables } from '#engine/programs/helm/values/coalesce'
import { schemaProblems } from '#engine/programs/helm/values/schema'
import { copyValues, type Values } from '#engine/programs/helm/values/types'
import { decodeValues } from '#engine/programs/helm/values/yaml'
import { type Findings, problemOf } from './messages'

const file = 'values.yaml'

export function lintValues(files: Files, directory: string, overrides: Values, skipSchema: boolean, findings: Findings): void {
  const path = `${directory}/${file}`
  if (!findings.rule('INFO', file, files.exists(path) ? undefined : 'file does not exist')) return
  let values: Values = {}
  const broken = problemOf(() => (values = decodeValues(files.readText(path))))
  if (!findings.rule('ERROR', file, broken === undefined ? undefined : `unable to parse YAML: ${broken}`)) return
  const schema = `${directory}/values.schema.json`
  if (skipSchema || !files.exists(schema)) return
  const wrong = schemaProblems(decodeUtf8(files.readFile(schema)), coalesceTables(copyValues(overrides), values))
  findings.rule('ERROR', file, wrong === '' ? undefined : wrong)
}
