/** `--mount type=bind,source=/a,target=/b,readonly`. */
import { DockerFailure } from '../kit/api'
import { parseSize } from '../kit/sizes'

export function mountOf(text: string): object {
  const mount: { Type: string; Source?: string; Target?: string; ReadOnly?: boolean; TmpfsOptions?: { SizeBytes?: number; Mode?: number }; VolumeOptions?: object } = { Type: 'volume' }
  const wrong = (why: string): DockerFailure => new DockerFailure(`invalid argument "${text}" for "--mount" flag: ${why}`, 125)
  for (const field of text.split(',')) {
    const at = field.indexOf('=')
    const key = (at < 0 ? field : field.slice(0, at)).toLowerCase()
    const value = at < 0 ? undefined : field.slice(at + 1)
    if (key === 'readonly' || key === 'ro') mount.ReadOnly = value === undefined || value === 'true' || value === '1'
    else if (value === undefined) throw wrong(`invalid field '${field}' must be a key=value pair`)
    else if (key === 'type') mount.Type = value.toLowerCase()
    else if (key === 'source' || key === 'src') mount.Source = value
    else if (key === 'target' || key === 'dst' || key === 'destination') mount.Target = value
    else if (key === 'tmpfs-size') mount.TmpfsOptions = { ...mount.TmpfsOptions, SizeBytes: parseSize(value) ?? 0 }
    else if (key === 'tmpfs-mode') mount.TmpfsOptions = { ...mount.TmpfsOptions, Mode: parseInt(value, 8) }
    else if (!['volume-nocopy', 'volume-label', 'volume-driver', 'volume-opt', 'bind-propagation', 'bind-recursive', 'consistency'].includes(key)) throw wrong(`unexpected key '${key}' in '${field}'`)
  }
  if (!['bind', 'volume', 'tmpfs'].includes(mount.Type)) throw wrong(`mount type ${mount.Type} is not supported`)
  if (mount.Target === undefined) throw wrong('target is required')
  return mount
}

export function cleanPath(cwd: string, path: string): string {
  const out: string[] = []
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') out.pop()
    else if (part !== '' && part !== '.') out.push(part)
  }
  return `/${out.join('/')}`
}
