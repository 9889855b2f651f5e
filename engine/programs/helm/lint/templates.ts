/** Rules for templates: that they render, and what they render to. */
import { parseYaml } from '#engine/base/yaml/parser'
import type { Process } from '#engine/linux/abi/process'
import { processDependencies } from '#engine/programs/helm/chart/dependencies'
import { loadChart } from '#engine/programs/helm/chart/load'
import { extensionOf } from '#engine/programs/helm/chart/paths'
import { type Chart, chartName } from '#engine/programs/helm/chart/types'
import { defaultCapabilities } from '#engine/programs/helm/render/capabilities'
import { renderFiles } from '#engine/programs/helm/render/render'
import { copyValues, type Values } from '#engine/programs/helm/values/types'
import { type Findings, problemOf } from './messages'
import { lintObject } from './objects'

export interface TemplateOptions {
  readonly values: Values
  readonly namespace: string
  readonly kubeVersion: string
  readonly skipSchema: boolean
}

const root = 'templates/'

export async function lintTemplates(process: Process, directory: string, options: TemplateOptions, findings: Findings): Promise<void> {
  const stat = process.files.exists(`${directory}/templates`)
  if (!findings.rule('WARNING', root, stat ? (stat.type === 'directory' ? undefined : 'not a directory') : 'directory not found')) return
  let chart: Chart | undefined
  if (!findings.rule('ERROR', root, problemOf(() => (chart = loadChart(process.files, directory)))) || !chart) return
  const rendered = await render(process, chart, options, findings)
  if (!rendered) return
  for (const { name } of chart.templates) if (!lintFile(name, rendered.get(`${chartName(chart)}/${name}`) ?? '', options.kubeVersion, findings)) return
}

async function render(process: Process, chart: Chart, options: TemplateOptions, findings: Findings): Promise<Map<string, string> | undefined> {
  const told: string[] = []
  try {
    processDependencies(chart, copyValues(options.values))
    return await renderFiles({
      process, chart, values: options.values, release: { name: 'test-release', namespace: options.namespace, revision: 0, isInstall: false, isUpgrade: false },
      capabilities: { ...defaultCapabilities, kubeVersion: options.kubeVersion }, skipSchemaValidation: options.skipSchema, lint: true,
    }, (line) => told.push(line))
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    findings.rule('ERROR', root, (error as Error).message)
    return undefined
  } finally {
    if (told.length > 0) await process.stderr.write(told.map((line) => `${line}\n`).join(''))
  }
}

/** False where nothing more can be said of the chart. */
function lintFile(name: string, text: string, kubeVersion: string, findings: Findings): boolean {
  const extension = extensionOf(name)
  findings.rule('ERROR', name, ['.yaml', '.yml', '.tpl', '.txt'].includes(extension) ? undefined : `file extension '${extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt`)
  if ((extension !== '.yaml' && extension !== '.yml') || text.trim() === '') return true
  findings.rule('WARNING', name, indentProblem(text))
  for (const document of text.split(/^---[ \t]*$/m)) {
    let value: unknown
    const broken = problemOf(() => (value = parseYaml(document)))
    if (!findings.rule('ERROR', name, broken === undefined ? undefined : `unable to parse YAML: error converting YAML to JSON: ${broken}`)) return false
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) lintObject(name, value as Record<string, unknown>, kubeVersion, findings)
  }
  return true
}

function indentProblem(text: string): string | undefined {
  const line = text.split('\n').find((candidate) => candidate.trim() !== '')
  return line !== undefined && /^\s/.test(line) ? `document starts with an illegal indent: ${JSON.stringify(line)}, which may cause parsing problems` : undefined
}
