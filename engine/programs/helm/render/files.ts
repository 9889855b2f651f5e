/** `.Files`: what lies in a chart beside its templates. */
import { toBase64 } from '#engine/base/bytes'
import { decodeLossless } from '#engine/base/lossless'
import { globWithStars } from '#engine/programs/helm/chart/glob'
import { basePath } from '#engine/programs/helm/chart/paths'
import type { ChartFile } from '#engine/programs/helm/chart/types'
import { valuesYaml } from '#engine/programs/helm/values/yaml'

type FileMap = Record<string, Uint8Array>

/** A map of paths to bytes that has methods. */
export function filesOf(files: readonly ChartFile[]): FileMap {
  const map: FileMap = Object.fromEntries(files.map(({ name, data }) => [name, data]))
  const methods: Readonly<Record<string, (name: string) => unknown>> = {
    Get: (name) => textOf(map, name),
    GetBytes: (name) => map[name] ?? [],
    Lines: (name) => lines(textOf(map, name)),
    Glob: (pattern) => {
      const expression = globWithStars(pattern)
      return filesOf(files.filter(({ name }) => expression.test(name)))
    },
    AsConfig: () => listing(files, (data) => decodeLossless(data)),
    AsSecrets: () => listing(files, toBase64),
  }
  for (const [name, value] of Object.entries(methods)) Object.defineProperty(map, name, { value, enumerable: false })
  return map
}

function textOf(map: FileMap, name: string): string {
  const found = Object.hasOwn(map, name) ? map[name] : undefined
  return found ? decodeLossless(found) : ''
}

function lines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

function listing(files: readonly ChartFile[], encode: (data: Uint8Array) => string): string {
  return valuesYaml(Object.fromEntries(files.map(({ name, data }) => [basePath(name), encode(data)]))).trimEnd()
}
