/** Command and process substitution. */
import { concatBytes } from '#engine/base/bytes'
import { decodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { forkShell } from '#engine/shell/interpreter/processes'
import { ExpansionError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'

const maxOutput = 64 * 1024 * 1024

export async function substitute(shell: Shell, script: string, backquoted: boolean): Promise<string> {
  if (script.trim() === '') {
    shell.lastSubstitutionStatus = 0
    return ''
  }
  const file = /^\s*<\s*([\w./-]+)\s*$/.exec(script)
  if (file) return readFile(shell, file[1] as string)
  const pipe = shell.process.pipe()
  const child = await forkShell(shell, (copy) => {
    copy.traceLevel++
    if (!copy.options.shopt.get('inherit_errexit') && !copy.options.on('posix')) copy.options.put('errexit', false)
    copy.mayExec = true
    return copy.hooks.runText(copy, script, backquoted ? 'backquote' : 'substitution', { firstLine: shell.line })
  }, { descriptors: new Map([[1, pipe.writer]]) })
  const bytes = await readEverything(pipe.reader)
  pipe.reader.release()
  shell.lastSubstitutionStatus = exitCodeOf(await child.wait())
  shell.status = shell.lastSubstitutionStatus
  return outputText(shell, bytes)
}

/** Without null bytes and without newlines at the end: counted by hand, since a regular expression takes seconds for a long output. */
async function outputText(shell: Shell, bytes: Uint8Array): Promise<string> {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 10) end--
  const text = decodeLossless(bytes.subarray(0, end))
  if (!text.includes('\0')) return text
  await shell.error('warning: command substitution: ignored null byte in input')
  return text.replaceAll('\0', '')
}

async function readEverything(reader: OpenFile): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for (;;) {
    const piece = await reader.read(65536)
    if (piece === null) return concatBytes(parts)
    size += piece.length
    if (size > maxOutput) {
      reader.release()
      throw new ExpansionError(`xrealloc: cannot allocate ${maxOutput} bytes`, true)
    }
    parts.push(piece)
  }
}

/** `$(< file)`. */
async function readFile(shell: Shell, path: string): Promise<string> {
  try {
    shell.lastSubstitutionStatus = 0
    return await outputText(shell, shell.files.readFile(path))
  } catch (error) {
    if (!isErrno(error)) throw error
    await shell.error(`${path}: ${error.message}`)
    shell.lastSubstitutionStatus = 1
    return ''
  }
}

/** The substituted pipe as a path under /dev/fd. */
export async function processSubstitution(shell: Shell, script: string, writes: boolean): Promise<string> {
  const pipe = shell.process.pipe()
  let fd = 63
  while (shell.descriptorOrUndefined(fd)) fd--
  await forkShell(shell, (copy) => {
    copy.mayExec = true
    return copy.hooks.runText(copy, script, 'substitution', { firstLine: shell.line })
  }, { descriptors: new Map([[writes ? 0 : 1, writes ? pipe.reader : pipe.writer]]) }).then((child) => {
    shell.jobs.lastPid = child.pid
  })
  shell.process.install(writes ? pipe.writer : pipe.reader, fd)
  shell.afterCommand.push(() => {
    if (shell.descriptorOrUndefined(fd)) shell.process.closeDescriptor(fd)
  })
  return `/dev/fd/${fd}`
}
