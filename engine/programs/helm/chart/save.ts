/** A chart to an archive: NAME-VERSION.tgz. */
import { encodeUtf8 } from '#engine/base/bytes'
import { emitYaml } from '#engine/base/yaml/emit'
import type { Process } from '#engine/linux/abi/process'
import { pack } from './archive'
import { encodedMetadata, validateMetadata } from './metadata'
import { fileError, joinPath } from './paths'
import { type Chart, type ChartFile, chartName } from './types'

/** Where it was written. */
export function saveChart(process: Process, chart: Chart, directory: string): string {
  validateMetadata(chart.metadata)
  const path = joinPath(directory, `${chartName(chart)}-${chart.metadata.version ?? ''}.tgz`)
  try {
    process.files.mkdirAll(directory, 0o755)
    process.files.writeFile(path, pack(archiveFiles(chart, ''), process.clock.now()), 0o644)
  } catch (error) {
    throw new Error(`failed to save: ${fileError('open', path, error).message}`)
  }
  return path
}

/** In the order in which helm writes them. */
export function archiveFiles(chart: Chart, prefix: string): ChartFile[] {
  const base = prefix === '' ? chartName(chart) : `${prefix}/${chartName(chart)}`
  const at = (name: string, data: Uint8Array): ChartFile => ({ name: `${base}/${name}`, data })
  const metadata = chart.metadata.apiVersion === 'v1' ? { ...chart.metadata, dependencies: [] } : chart.metadata
  const out = [at('Chart.yaml', encodeUtf8(emitYaml(encodedMetadata(metadata))))]
  if (chart.metadata.apiVersion === 'v2' && chart.lock) out.push(at('Chart.lock', encodeUtf8(emitYaml(chart.lock))))
  for (const { name, data } of chart.raw) if (name === 'values.yaml') out.push(at(name, data))
  if (chart.schema) out.push(at('values.schema.json', chart.schema))
  for (const { name, data } of [...chart.templates, ...chart.files]) out.push(at(name, data))
  return [...out, ...chart.dependencies.flatMap((dependency) => archiveFiles(dependency, `${base}/charts`))]
}
