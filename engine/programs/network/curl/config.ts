/** Files of -K: options a line each. */
import type { Process } from '#engine/linux/abi/process'
import { CurlUsageError } from './usage'

export async function configText(process: Process, path: string): Promise<string> {
  if (path === '-') return await process.stdin.text()
  try {
    return process.files.readText(path)
  } catch {
    throw new CurlUsageError('option -K: error encountered when reading a file', 26)
  }
}

/** Lines `name = value`, `name: value`, `name value` or `-n value`; values may be quoted. */
export function configWords(text: string): string[][] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const match = /^([^\s=:]+)(?:\s*[=:]\s*|\s+)?(.*)$/.exec(line)
    const [, name = '', value = ''] = match ?? []
    const option = name.startsWith('-') ? name : `--${name}`
    return value === '' ? [option] : [option, unquoted(value)]
  })
}

function unquoted(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(value)?.[1]
  if (quoted === undefined) return value.split(/\s+#/)[0] as string
  const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', v: '\v' }
  return quoted.replace(/\\(.)/g, (_, char: string) => escapes[char] ?? char)
}
