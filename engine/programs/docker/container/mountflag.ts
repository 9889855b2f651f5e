/** `--mount type=bind,source=/a,target=/b,readonly`. */
import { parseSize } from '../kit/sizes'

interface MountWish { Type: string; Source?: string; Target?: string; ReadOnly?: boolean; TmpfsOptions?: { SizeBytes?: number; Mode?: number } }

/** Throws what is wrong with it. */
export function mountOf(text: string): object {
  const mount: MountWish = { Type: 'volume' }
  for (const field of text.split(',')) {
    const at = field.indexOf('=')
    const key = (at < 0 ? field : field.slice(0, at)).toLowerCase()
    if (key === 'readonly' || key === 'ro') mount.ReadOnly = at < 0 || ['true', '1'].includes(field.slice(at + 1))
    else if (at < 0) throw new Error(`invalid field '${field}' must be a key=value pair`)
    else if (setters[key]) setters[key](mount, field.slice(at + 1))
    else if (!withoutEffect.has(key)) throw new Error(`unexpected key '${key}' in '${field}'`)
  }
  if (mount.Target === undefined) throw new Error('target is required')
  return mount
}

const setters: Readonly<Record<string, (mount: MountWish, value: string) => void>> = {
  type: (mount, value) => (mount.Type = value.toLowerCase()),
  source: (mount, value) => (mount.Source = value),
  src: (mount, value) => (mount.Source = value),
  target: (mount, value) => (mount.Target = value),
  dst: (mount, value) => (mount.Target = value),
  destination: (mount, value) => (mount.Target = value),
  'tmpfs-size': (mount, value) => (mount.TmpfsOptions = { ...mount.TmpfsOptions, SizeBytes: parseSize(value) ?? 0 }),
  'tmpfs-mode': (mount, value) => (mount.TmpfsOptions = { ...mount.TmpfsOptions, Mode: parseInt(value, 8) }),
}
const withoutEffect = new Set(['volume-nocopy', 'volume-label', 'volume-driver', 'volume-opt', 'bind-propagation', 'bind-recursive', 'consistency'])

export function cleanPath(cwd: string, path: string): string {
  const out: string[] = []
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') out.pop()
    else if (part !== '' && part !== '.') out.push(part)
  }
  return `/${out.join('/')}`
}
