/** The flags that values come by, and how they are laid over one another. */
import { decodeUtf8 } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { type Flag, type Flags, stringArray, strings } from '#engine/programs/common/cobra/flags'
import { readBytes } from '#engine/programs/helm/chart/paths'
import { fetchBytes } from '#engine/programs/helm/repo/fetch'
import { loadValues } from './load'
import { mergeMaps } from './merge'
import { setJson, setLiteral, setValues } from './strvals'
import { goValues, isTable, type Values } from './types'

export const valueFlags: readonly Flag[] = [
  strings('values,f', 'specify values in a YAML file or a URL (can specify multiple)'),
  stringArray('set', 'set values on the command line (can specify multiple or separate values with commas: key1=val1,key2=val2)'),
  stringArray('set-string', 'set STRING values on the command line (can specify multiple or separate values with commas: key1=val1,key2=val2)'),
  stringArray('set-file', 'set values from respective files specified via the command line (can specify multiple or separate values with commas: key1=path1,key2=path2)'),
  stringArray('set-json', 'set JSON values on the command line (can specify multiple or separate values with commas: key1=jsonval1,key2=jsonval2 or using json format: {"key1": jsonval1, "key2": "jsonval2"})'),
  stringArray('set-literal', 'set a literal STRING value on the command line'),
]

/** Files first, in order; then --set-json, --set, --set-string, --set-file, --set-literal. */
export async function mergeValues(process: Process, flags: Flags): Promise<Values> {
  let base: Values = {}
  for (const path of flags.list('values')) base = mergeMaps(base, await valuesFile(process, path))
  for (const text of flags.list('set-json')) base = withJson(base, text)
  const wrapped = (flag: string, lay: (text: string) => void): void => {
    for (const text of flags.list(flag)) {
      try {
        lay(text)
      } catch (error) {
        throw new Error(`failed parsing --${flag} data: ${(error as Error).message}`)
      }
    }
  }
  const contents = await fileContents(process, flags.list('set-file'))
  wrapped('set', (text) => setValues(base, text))
  wrapped('set-string', (text) => setValues(base, text, (value) => value))
  wrapped('set-file', (text) => setValues(base, text, contents))
  wrapped('set-literal', (text) => setLiteral(base, text))
  return base
}

async function valuesFile(process: Process, path: string): Promise<Values> {
  const text = decodeUtf8(await fileOrInput(process, path))
  try {
    return loadValues(text)
  } catch (error) {
    throw new Error(`failed to parse ${path}: ${(error as Error).message}`)
  }
}

async function fileOrInput(process: Process, path: string): Promise<Uint8Array> {
  if (path.trim() === '-') return process.stdin.readAll()
  if (/^https?:\/\//.test(path)) return await fetchBytes(process, path)
  return readBytes(process.files, path)
}

/** Standard input can be read once, before values are laid. */
async function fileContents(process: Process, texts: readonly string[]): Promise<(path: string) => string> {
  const input = texts.some((text) => /=\s*-\s*(?:,|$)/.test(text)) ? decodeUtf8(await process.stdin.readAll()) : ''
  return (path) => (path.trim() === '-' ? input : decodeUtf8(readBytes(process.files, path)))
}

function withJson(base: Values, text: string): Values {
  const trimmed = text.trim()
  if (!trimmed.startsWith('{')) {
    try {
      setJson(base, text)
    } catch {
      throw new Error(`failed parsing --set-json data ${text}`)
    }
    return goJson(base)
  }
  try {
    const value = goValues(JSON.parse(trimmed))
    return isTable(value) ? mergeMaps(base, value) : base
  } catch {
    throw new Error(`failed parsing --set-json data JSON: ${text}`)
  }
}

/** Files and JSON alone have been laid so far: every number is a float64. */
function goJson(base: Values): Values {
  return goValues(base) as Values
}
