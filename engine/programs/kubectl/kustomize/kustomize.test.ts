/** Each recorded kustomization is built as the real one built it. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { encodeUtf8 } from '#engine/base/bytes'
import { Errno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { buildResources } from '#engine/programs/kubectl/kustomize/build'
import { Remote } from '#engine/programs/kubectl/kustomize/remote'

interface Recorded {
  readonly name: string
  readonly start: string
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly expected: string
}

const root = '/work'

function recordings(): Recorded[] {
  const text = readFileSync(new URL('./recorded.txt', import.meta.url), 'utf8')
  return text.split(/^## /m).slice(1).map((block) => {
    const [head = '', ...parts] = block.split(/^=== /m)
    const files = new Map<string, Uint8Array>()
    let [start, expected] = ['.', '']
    for (const part of parts) {
      const [title = '', ...lines] = part.split('\n')
      const body = lines.join('\n')
      if (title.startsWith('START')) start = title.slice(6)
      else if (title === 'EXPECTED') expected = body
      else files.set(`${root}/${title}`, body.startsWith('HEX ') ? Uint8Array.from(body.slice(4).trim().match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)) : encodeUtf8(body))
    }
    return { name: head.split('\n')[0] ?? '', start, files, expected }
  })
}

/** As much of a machine as building needs: files that do not change. */
function machine(files: ReadonlyMap<string, Uint8Array>): Process {
  const isDirectory = (path: string): boolean => path === root || [...files.keys()].some((file) => file.startsWith(`${path}/`))
  const exists = (path: string): { type: string } | undefined => (files.has(path) ? { type: 'file' } : isDirectory(path) ? { type: 'directory' } : undefined)
  const found = (path: string): { type: string } => {
    const stat = exists(path)
    if (!stat) throw new Errno('ENOENT')
    return stat
  }
  const realpath = (path: string): string => {
    found(path)
    return path
  }
  return { cwd: () => root, env: new Map(), files: { exists, stat: found, realpath, readFile: (path: string) => files.get(path) } } as unknown as Process
}

function built({ files, start }: Recorded): string {
  const told: string[] = []
  const build = { process: machine(files), options: {}, remote: new Remote(), warn: (text: string) => void told.push(`${text}\n`), note: (text: string) => void told.push(`${text}\n`) }
  try {
    return buildResources(build, start).documents.join('---\n') + told.join('')
  } catch (error) {
    return `${told.join('')}error: ${(error as Error).message}\n`
  }
}

describe('a kustomization', () => {
  it.each(recordings().map((recorded) => [recorded.name, recorded] as const))('is built as recorded: %s', (_, recorded) => {
    expect(built(recorded)).toBe(recorded.expected)
  })
})
