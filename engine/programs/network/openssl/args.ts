/** OpenSSL's command lines: single-dash options, some with a value. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'

/** What goes to standard error, and the exit code. */
export class OpensslError extends Error {
  constructor(message: string, readonly exit = 1) {
    super(message)
  }
}

export interface Args {
  has(name: string): boolean
  get(name: string): string | undefined
  all(name: string): readonly string[]
  readonly operands: readonly string[]
  /** Options without value, in order. */
  readonly flags: readonly string[]
}

/** Commands that take any other option for a cipher or a digest. */
const cipherCommands = new Set(['genrsa', 'rsa', 'ec', 'pkey', 'base64', 'enc', 'pkcs12'])
const digestCommands = new Set(['req', 'dgst', 'crl', 'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'])
/** And those that look it up at once, and say how that went. */
const silentCommands = new Set(['req', 'rsa', 'pkcs12'])

function unknownOption(command: string, name: string): OpensslError {
  const what = digestCommands.has(command) ? `Unknown option or message digest: ${name}` : cipherCommands.has(command) ? `Unknown cipher: ${name}` : `Unknown option: -${name}`
  const fetched = (cipherCommands.has(command) || digestCommands.has(command)) && !silentCommands.has(command)
  const why = `4047000000007F00:error:0308010C:digital envelope routines:inner_evp_generic_fetch:unsupported:../crypto/evp/evp_fetch.c:386:Global default library context, Algorithm (${name} : 0), Properties (<null>)\n`
  return new OpensslError(`${command}: ${what}\n${command === 'genrsa' ? '' : `${command}: Use -help for summary.\n`}${fetched ? why : ''}`)
}

export function parseArgs(command: string, args: readonly string[], flags: string, values: string): Args {
  const known = new Map<string, boolean>([...flags.split(' ').map((name) => [name, false] as const), ...values.split(' ').map((name) => [name, true] as const)])
  const found = new Map<string, string[]>()
  const order: string[] = []
  const operands: string[] = []
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (!arg.startsWith('-') || arg === '-' || operands.length > 0) {
      operands.push(arg)
      continue
    }
    const name = arg.replace(/^--?/, '').split('=')[0] ?? ''
    const takesValue = known.get(name)
    if (takesValue === undefined) throw unknownOption(command, name)
    const inline = arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : undefined
    if (takesValue && inline === undefined && args[index + 1] === undefined) throw new OpensslError(`${command}: Option -${name} needs a value\n${command}: Use -help for summary.\n`)
    found.set(name, [...(found.get(name) ?? []), takesValue ? (inline ?? args[++index] ?? '') : ''])
    order.push(name)
  }
  return { has: (name) => found.has(name), get: (name) => found.get(name)?.at(-1), all: (name) => found.get(name) ?? [], operands, flags: order }
}

/** The number of the thread that starts each line of OpenSSL's error stack. */
export function errorId(process: Process): string {
  return `40${process.random.integer(0xffffff).toString(16).toUpperCase().padStart(6, '0')}7F0000`.padEnd(16, '0')
}

/** A file through OSSL_STORE: `what` is `certificate`, `private key`. */
export function readStore(process: Process, path: string, what: string, unable: string): string {
  try {
    return process.files.readText(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    const id = errorId(process)
    throw new OpensslError(`Could not open file or uri for loading ${what} from ${path}\n${id}:error:16000069:STORE routines:ossl_store_get0_loader_int:unregistered scheme:../crypto/store/store_register.c:237:scheme=file\n${id}:error:80000002:system library:file_open:${error.message}:../providers/implementations/storemgmt/file_store.c:268:calling stat(${path})\n${unable}`)
  }
}

/** A file through BIO: `Can't open "x" for reading, No such file or directory`. */
export function readBio(process: Process, path: string, tail: string): string {
  try {
    return process.files.readText(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    const id = errorId(process)
    throw new OpensslError(`Can't open "${path}" for reading, ${error.message}\n${id}:error:80000002:system library:BIO_new_file:${error.message}:../crypto/bio/bss_file.c:67:calling fopen(${path}, r)\n${id}:error:10000080:BIO routines:BIO_new_file:no such file:../crypto/bio/bss_file.c:75:\n${tail}`)
  }
}

export async function writeOut(process: Process, path: string | undefined, content: string | Uint8Array, mode?: number, command = ''): Promise<void> {
  if (path === undefined) return process.stdout.write(content)
  try {
    process.files.writeFile(path, content, mode)
  } catch (error) {
    if (!isErrno(error)) throw error
    const id = errorId(process)
    if (command !== '') throw new OpensslError(`${command}Can't open "${path}" for writing, ${error.message}\n`)
    throw new OpensslError(`Can't open "${path}" for writing, ${error.message}\n${id}:error:80000002:system library:BIO_new_file:${error.message}:../crypto/bio/bss_file.c:67:calling fopen(${path}, w)\n${id}:error:10000080:BIO routines:BIO_new_file:no such file:../crypto/bio/bss_file.c:75:\n`)
  }
}

/** A file through BIO, as bytes. */
export function readBytes(process: Process, path: string): Uint8Array {
  try {
    return process.files.readFile(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    const id = errorId(process)
    throw new OpensslError(`Can't open "${path}" for reading, ${error.message}\n${id}:error:80000002:system library:BIO_new_file:${error.message}:../crypto/bio/bss_file.c:67:calling fopen(${path}, rb)\n${id}:error:10000080:BIO routines:BIO_new_file:no such file:../crypto/bio/bss_file.c:75:\n`)
  }
}
