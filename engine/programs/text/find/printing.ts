/** What find prints: `-ls` and `-printf`. */
import { modeString } from '#engine/programs/common/gnu'
import { blockBytes } from '#engine/programs/coreutils/ls'
import type { FindContext, Visit } from '#engine/programs/text/find/nodes'
import { formatDate } from '#engine/shell/builtins/strftime'

export function listing(context: FindContext, visit: Visit): string {
  const { stat } = visit
  const user = context.accounts.user(stat.uid) ?? String(stat.uid)
  const group = context.accounts.group(stat.gid) ?? String(stat.gid)
  const recent = stat.mtimeMs > context.process.clock.now() - 15778476000
  const link = stat.type === 'symlink' ? ` -> ${context.process.files.readlink(visit.path)}` : ''
  return `${String(stat.ino).padStart(9)} ${String(blockBytes(stat) / 1024).padStart(6)} ${modeString(stat.type, stat.mode)} ${String(stat.nlink).padStart(3)} ${user.padEnd(8)} ${group.padEnd(8)} ${String(stat.size).padStart(8)} ${formatDate(recent ? '%b %e %H:%M' : '%b %e  %Y', stat.mtimeMs, 0, 'UTC')} ${visit.path}${link}\n`
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '0': '\0' }

export function formatted(context: FindContext, text: string, visit: Visit): string {
  const cut = /(?<!\\)((?:\\\\)*)\\c/.exec(text)
  const body = cut ? text.slice(0, cut.index + (cut[1] as string).length) : text
  return body.replace(/\\([0-7]{1,3}|.)|%([-+ 0#]*)(\d*)(?:\.(\d+))?([ACTB]?)(.)/gs, (whole, escape: string | undefined, flags: string | undefined, width: string | undefined, _precision: string | undefined, time: string | undefined, kind: string | undefined) => {
    if (escape !== undefined) return escapes[escape] ?? (/^[0-7]+$/.test(escape) ? String.fromCharCode(Number.parseInt(escape, 8)) : whole)
    const value = time ? timeField(visit, time, kind as string) : field(context, visit, kind as string)
    if (value === undefined) return whole
    return flags?.includes('-') ? value.padEnd(Number(width)) : value.padStart(Number(width), flags?.includes('0') ? '0' : ' ')
  })
}

function timeField(visit: Visit, which: string, kind: string): string {
  const ms = which === 'A' ? visit.stat.atimeMs : which === 'T' ? visit.stat.mtimeMs : visit.stat.ctimeMs
  const fraction = `.${String(Math.floor((ms % 1000) * 1e6)).padStart(9, '0')}0`
  if (kind === '@') return `${Math.floor(ms / 1000)}${fraction}`
  if (kind === '+') return formatDate('%Y-%m-%d+%H:%M:%S', ms, 0, 'UTC') + fraction
  if (kind === 'S') return formatDate('%S', ms, 0, 'UTC') + fraction
  if (kind === 'T' || kind === 'X') return formatDate('%H:%M:%S', ms, 0, 'UTC') + fraction
  return formatDate(`%${kind}`, ms, 0, 'UTC')
}

interface FieldInput {
  readonly context: FindContext
  readonly visit: Visit
  readonly stat: Visit['stat']
}

const letters: Readonly<Record<string, string>> = { file: 'f', directory: 'd', symlink: 'l', fifo: 'p', socket: 's', character: 'c', block: 'b' }

/** What `-printf` knows, by its letters. */
const printfFields: Readonly<Record<string, (input: FieldInput) => string | undefined>> = {
  '%': () => '%',
  a: ({ stat }) => formatDate('%a %b %e %H:%M:%S.%N0 %Y', stat.atimeMs, 0, 'UTC'),
  b: ({ stat }) => String(blockBytes(stat) / 512),
  c: ({ stat }) => formatDate('%a %b %e %H:%M:%S.%N0 %Y', stat.ctimeMs, 0, 'UTC'),
  d: ({ visit }) => String(visit.depth),
  D: ({ stat }) => String(stat.dev),
  f: ({ visit }) => visit.path === '/' ? '/' : visit.name,
  F: ({ context, visit }) => context.process.files.statfs(visit.path).type,
  g: ({ context, stat }) => context.accounts.group(stat.gid) ?? String(stat.gid),
  G: ({ stat }) => String(stat.gid),
  h: ({ visit }) => visit.path.includes('/') ? visit.path.slice(0, visit.path.lastIndexOf('/')) : '.',
  H: ({ visit }) => visit.start,
  i: ({ stat }) => String(stat.ino),
  k: ({ stat }) => String(blockBytes(stat) / 1024),
  l: ({ context, visit, stat }) => stat.type === 'symlink' ? context.process.files.readlink(visit.path) : '',
  m: ({ stat }) => (stat.mode & 0o7777).toString(8),
  M: ({ stat }) => modeString(stat.type, stat.mode),
  n: ({ stat }) => String(stat.nlink),
  p: ({ visit }) => visit.path,
  P: ({ visit }) => visit.depth === 0 ? '' : visit.path.slice(visit.start.length).replace(/^\//, ''),
  s: ({ stat }) => String(stat.size),
  S: () => '1',
  t: ({ stat }) => formatDate('%a %b %e %H:%M:%S.%N0 %Y', stat.mtimeMs, 0, 'UTC'),
  u: ({ context, stat }) => context.accounts.user(stat.uid) ?? String(stat.uid),
  U: ({ stat }) => String(stat.uid),
  Y: ({ context, visit, stat }) => (stat.type === 'symlink' ? letters[context.process.files.exists(visit.path)?.type ?? ''] ?? 'N' : letters[stat.type]),
  y: ({ stat }) => letters[stat.type],
}

function field(context: FindContext, visit: Visit, kind: string): string | undefined {
  const { stat } = visit
  const entry = Object.hasOwn(printfFields, kind) ? printfFields[kind] : undefined
  return entry ? entry({ context, visit, stat }) : undefined
}

/** Warns of what `-printf` does not know, once and before anything is looked at. */
export function checkFormat(context: FindContext, text: string): void {
  for (const [, time, kind = ''] of text.replace(/\\./gs, '').matchAll(/%[-+ 0#]*\d*(?:\.\d+)?([ACTB]?)(.)/gs)) {
    if (!time && !Object.hasOwn(printfFields, kind)) context.warnings.push(`warning: unrecognized format directive \`%${kind}'`)
  }
}
