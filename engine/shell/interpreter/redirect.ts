/** Redirections, done one after another on the process's own descriptors, and undone afterwards. */
import type { Redirection, Redirect, RedirectDescriptor } from 'unbash'
import { encodeLossless } from '#engine/base/lossless'
import { Errno, isErrno } from '#engine/linux/abi/errno'
import type { OpenFile, OpenFlags } from '#engine/linux/abi/files'
import { LookupError } from '#engine/linux/abi/net'
import { assign, readScalar } from '#engine/shell/state/access'
import type { Shell } from '#engine/shell/state/shell'
import { MemoryFile } from '#engine/shell/interpreter/memory-file'

/** A redirection that failed: `message` follows the shell's prefix. */
export class RedirectError extends Error {
  /** Its message has been written, by way of the redirections before it. */
  told = false
}

export type Undo = () => void

/** Applies them; on failure those done before are undone and RedirectError is thrown. */
export async function redirect(shell: Shell, redirects: readonly Redirection[], permanent = false): Promise<Undo> {
  const undos: Undo[] = []
  const undo = (): void => {
    for (const step of undos.splice(0).reverse()) step()
  }
  try {
    for (const one of redirects) await new Step(shell, one, permanent ? undefined : undos).apply()
  } catch (error) {
    if (error instanceof RedirectError && undos.length > 0) {
      await shell.error(error.message)
      error.told = true
    }
    undo()
    throw error
  }
  return undo
}

class Step {
  constructor(
    private readonly shell: Shell,
    private readonly redirection: Redirection,
    private readonly undos: Undo[] | undefined,
  ) {}

  async apply(): Promise<void> {
    const { redirection } = this
    if (redirection.type === 'Redirect') return this.file(redirection)
    const fd = await this.target(redirection.descriptor, 0)
    const text = redirection.type === 'HereDoc' ? await this.document(redirection) : `${await this.shell.hooks.words.text(this.shell, redirection.target?.text ?? '')}\n`
    this.install(new MemoryFile(encodeLossless(text), this.shell.process.clock.now()), fd)
  }

  private async document(redirection: Redirection & { type: 'HereDoc' }): Promise<string> {
    const { delimiter, body } = redirection
    let text = body.text
    if (redirection.operator === '<<-') text = text.replace(/^\t+/gm, '')
    if (text !== '' && !text.endsWith('\n')) text += '\n'
    return delimiter?.quoted ? text : this.shell.hooks.words.text(this.shell, text, 'document')
  }

  /** The descriptor's number; for `{name}` a new one, which is assigned. */
  private async target(descriptor: RedirectDescriptor | undefined, standard: number): Promise<number> {
    if (!descriptor) return standard
    if (descriptor.type === 'FileDescriptor') return descriptor.value
    await Promise.resolve()
    const fd = this.shell.freeDescriptor()
    assign(this.shell, descriptor.name, String(fd))
    return fd
  }

  private install(file: OpenFile, fd: number): void {
    if (fd > 1_000_000) throw new RedirectError(`${fd}: Bad file descriptor`)
    this.remember(fd)
    this.shell.process.install(file, fd)
  }

  private remember(fd: number): void {
    const named = this.redirection.descriptor?.type === 'FileDescriptorVariable'
    if (this.undos && !named) this.undos.push(this.shell.saveDescriptor(fd))
  }

  private async file(redirection: Redirect): Promise<void> {
    const { operator, descriptor } = redirection
    const raw = redirection.target?.text ?? ''
    if (operator === '<&' || operator === '>&') return this.copy(redirection, raw)
    const word = await this.word(raw)
    if (operator === '&>' || operator === '&>>') return this.both(word, operator === '&>>')
    const fd = await this.target(descriptor, operator.startsWith('<') ? 0 : 1)
    this.install(await this.open(word, this.flags(operator, word)), fd)
  }

  /** `2>&1`, `<&-`, and `>& file`, which is the old `&> file`. */
  private async copy(redirection: Redirect, raw: string): Promise<void> {
    const { operator, descriptor } = redirection
    if (descriptor?.type === 'FileDescriptorVariable' && raw === '-') return this.closeNamed(descriptor.name)
    const word = await this.word(raw)
    const toFile = operator === '>&' && descriptor === undefined && !/^\d*-?$/.test(word)
    return toFile ? this.both(word, false) : this.duplicate(redirection, word, raw)
  }

  /** `&>`: output and errors. */
  private async both(word: string, append: boolean): Promise<void> {
    const file = await this.open(word, append ? { write: true, create: true, append: true } : this.writing(word, false))
    this.install(file, 1)
    this.install(file, 2)
  }

  private async word(raw: string): Promise<string> {
    const words = await this.shell.hooks.words.fields(this.shell, [raw])
    if (words.length !== 1) throw new RedirectError(`${raw}: ambiguous redirect`)
    return words[0] as string
  }

  private flags(operator: string, path: string): OpenFlags {
    switch (operator) {
      case '<': return { read: true }
      case '<>': return { read: true, write: true, create: true }
      case '>>': return { write: true, create: true, append: true }
      default: return this.writing(path, operator === '>|')
    }
  }

  private writing(path: string, force: boolean): OpenFlags {
    if (this.shell.options.on('noclobber') && !force && this.shell.files.exists(path)?.type === 'file') throw new RedirectError(`${path}: cannot overwrite existing file`)
    return { write: true, create: true, truncate: true }
  }

  private async open(path: string, flags: OpenFlags): Promise<OpenFile> {
    const own = /^\/dev\/(?:fd\/(\d+)|(stdin)|(stdout)|(stderr))$/.exec(path)
    if (own) return this.opened(own[1] === undefined ? (own[2] ? 0 : own[3] ? 1 : 2) : Number(own[1]))
    const socket = /^\/dev\/(tcp|udp)\/([^/]+)\/([^/]+)$/.exec(path)
    if (socket) return this.connect(path, socket[1] as string, socket[2] as string, socket[3] as string)
    try {
      return this.shell.files.open(path, flags, 0o666)
    } catch (error) {
      if (isErrno(error)) throw new RedirectError(this.shell.posixShell ? openingFailure(path, flags, error) : `${path}: ${error.message}`)
      throw error
    }
  }

  private async connect(path: string, protocol: string, host: string, port: string): Promise<OpenFile> {
    if (protocol === 'udp') throw new RedirectError(`${path}: UDP redirections are not supported`)
    try {
      return await this.shell.process.net.connect({ host, port: Number(port) })
    } catch (error) {
      if (error instanceof LookupError) {
        await this.shell.error(`${host}: Name or service not known`)
        throw new RedirectError(`${path}: Invalid argument`)
      }
      if (!isErrno(error)) throw error
      await this.shell.error(`connect: ${error.message}`)
      throw new RedirectError(`${path}: ${error.message}`)
    }
  }

  private opened(fd: number, raw = String(fd)): OpenFile {
    try {
      return this.shell.process.descriptor(fd)
    } catch (error) {
      if (isErrno(error)) throw new RedirectError(`${raw}: Bad file descriptor`)
      throw error
    }
  }

  private async duplicate(redirection: Redirect, word: string, raw: string): Promise<void> {
    const match = /^(\d*)(-?)$/.exec(word)
    if (!match || word === '') throw new RedirectError(`${raw}: ambiguous redirect`)
    const standard = redirection.operator === '<&' ? 0 : 1
    if (match[1] === '') return this.close(await this.target(redirection.descriptor, standard))
    const file = this.opened(Number(match[1]), raw)
    const fd = await this.target(redirection.descriptor, standard)
    if (fd !== Number(match[1])) this.install(file, fd)
    if (match[2] === '-' && fd !== Number(match[1])) this.close(Number(match[1]))
  }

  private close(fd: number): void {
    if (!this.shell.descriptorOrUndefined(fd)) return
    this.remember(fd)
    this.shell.process.closeDescriptor(fd)
  }

  private closeNamed(name: string): void {
    const value = readScalar(this.shell, name)
    if (value === undefined || !/^\d+$/.test(value)) throw new RedirectError(`${name}: ambiguous redirect`)
    if (this.shell.descriptorOrUndefined(Number(value))) this.shell.process.closeDescriptor(Number(value))
  }
}

/** For those who need a bad descriptor's error. */
export function badDescriptor(): Errno {
  return new Errno('EBADF')
}

/** As dash says it. */
function openingFailure(path: string, flags: OpenFlags, error: Errno): string {
  if (flags.create) return `cannot create ${path}: ${error.code === 'ENOENT' ? 'Directory nonexistent' : error.message}`
  return `cannot open ${path}: ${error.code === 'ENOENT' ? 'No such file' : error.message}`
}
