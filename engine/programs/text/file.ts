/** file: what a file holds, by how it begins. */
import { decodeLossless } from '#engine/base/lossless'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram } from '#engine/linux/abi/program'
import { flag } from '#engine/linux/abi/flags'
import { print, reason } from '#engine/programs/common/gnu'

export const file = defineProgram({
  name: 'file',
  version: 'file-5.44',
  flags: { brief: flag('-b', '--brief'), mime: flag('-i', '--mime'), mimeType: flag('--mime-type'), dereference: flag('-L', '--dereference') },
  async run(process, o) {
    if (o.operands.length === 0) {
      await process.stderr.write('Usage: file [-bcCdEhikLlNnprsSvzZ0] [--apple] [--extension] [--mime-encoding]\n            [--mime-type] [-e <testname>] [-F <separator>]  [-f <namefile>]\n            [-m <magicfiles>] [-P <parameter=value>] [--exclude-quiet]\n            <file> ...\n       file -C [-m <magicfiles>]\n       file [--help]\n')
      return 1
    }
    const width = Math.max(...o.operands.map((name) => name.length)) + 2
    for (const name of o.operands) await print(process, `${o.brief ? '' : `${name}:`.padEnd(width)}${o.mime && !o.mimeType ? withCharset(process, name, o.dereference) : kindOf(process, name, o.dereference, o.mimeType)}\n`)
    return 0
  },
})

function withCharset(process: Process, name: string, follow: boolean): string {
  const kind = kindOf(process, name, follow, true)
  const bytes = process.files.exists(name)?.type === 'file' ? process.files.readFile(name).subarray(0, 8192) : new Uint8Array(0)
  const charset = !/^(text|application\/json)/.test(kind) ? 'binary' : bytes.some((byte) => byte > 127) ? 'utf-8' : 'us-ascii'
  return kind.startsWith('cannot open') ? kind : `${kind}; charset=${charset}`
}

function kindOf(process: Process, name: string, follow: boolean, mime: boolean): string {
  try {
    const stat = follow ? process.files.stat(name) : process.files.lstat(name)
    if (stat.type === 'symlink') return `${process.files.exists(name) ? '' : 'broken '}symbolic link to ${process.files.readlink(name)}`
    if (stat.type !== 'file') return special(stat, mime)
    if (stat.size === 0) return mime ? 'inode/x-empty' : 'empty'
    const bytes = process.files.readFile(name).subarray(0, 8192)
    return binaryKind(bytes, mime) ?? textKind(decodeLossless(bytes), mime)
  } catch (error) {
    return `cannot open \`${name}' (${reason(error)})`
  }
}

function special({ type, rdev }: Stat, mime: boolean): string {
  if (type === 'directory') return mime ? 'inode/directory' : 'directory'
  if (type === 'fifo') return 'fifo (named pipe)'
  return type === 'socket' ? 'socket' : `${type} special (${rdev?.major ?? 0}/${rdev?.minor ?? 0})`
}

/** Kinds that are known by how they begin. */
const magic: readonly { readonly at: number; readonly text: string; readonly mime: string; readonly kind: string }[] = [
  { at: 0, text: '\x7fELF', mime: 'application/x-pie-executable', kind: 'ELF 64-bit LSB pie executable, x86-64, version 1 (SYSV), dynamically linked, interpreter /lib64/ld-linux-x86-64.so.2, for GNU/Linux 3.2.0, stripped' },
  { at: 0, text: '\x1f\x8b', mime: 'application/gzip', kind: 'gzip compressed data, from Unix' },
  { at: 0, text: 'PK\x03\x04', mime: 'application/zip', kind: 'Zip archive data, at least v2.0 to extract, compression method=deflate' },
  { at: 257, text: 'ustar', mime: 'application/x-tar', kind: 'POSIX tar archive (GNU)' },
]

function binaryKind(bytes: Uint8Array, mime: boolean): string | undefined {
  const found = magic.find(({ at, text }) => [...text].every((c, index) => bytes[at + index] === c.charCodeAt(0)))
  return found && (mime ? found.mime : found.kind)
}

function textKind(text: string, mime: boolean): string {
  if (/^-----BEGIN CERTIFICATE/.test(text)) return 'PEM certificate'
  if (/^-----BEGIN RSA PRIVATE KEY/.test(text)) return 'PEM RSA private key'
  if (/[\0\udc80-\udcff]/.test(text)) return mime ? 'application/octet-stream' : 'data'
  const json = /^\s*[[{]/.test(text) && isJson(text)
  if (mime) return json ? 'application/json' : text.startsWith('#!') ? 'text/x-shellscript' : 'text/plain'
  const kind = /^[\x00-\x7f]*$/.test(text) ? 'ASCII text' : 'Unicode text, UTF-8 text'
  const script = scriptKind(text)
  if (script !== undefined) return `${script}, ${kind} executable`
  return json ? 'JSON text data' : kind + terminators(text)
}

function terminators(text: string): string {
  if (text.includes('\r\n')) return ', with CRLF line terminators'
  return text.includes('\n') ? '' : ', with no line terminators'
}

function scriptKind(text: string): string | undefined {
  const [, program = '', argument = ''] = /^#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(text) ?? []
  const shell = program.endsWith('/env') ? argument : program
  if (/bash$/.test(shell)) return 'Bourne-Again shell script'
  if (/\/sh$|^sh$|dash$/.test(shell)) return 'POSIX shell script'
  return /python/.test(shell) ? 'Python script' : undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
