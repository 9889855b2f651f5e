/** `ssh-keygen` and `ssh-keyscan`. */
import { LookupError } from '#engine/linux/abi/net'
import { isErrno } from '#engine/linux/abi/errno'
import { flag, option, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { prompt } from './client'
import { fingerprint, generateKey, keyBits, keyLabel, type KeyType, parsePrivateKeyFile, privateKeyFile, publicLine } from './keys'
import { banner, Wire } from './wire'

const flags = {
  quiet: flag('-q'), type: option('-t'), bits: option('-b'), passphrase: option('-N'), file: option('-f'), comment: option('-C'), list: flag('-l'), print: flag('-y'), remove: option('-R'), find: option('-F'), all: flag('-A'), changeComment: flag('-c'), changePassphrase: flag('-p'), old: option('-P'), format: option('-m'), hash: flag('-H'), verbose: flag('-v'), algorithm: option('-E'),
}

export const sshKeygen: Program = {
  name: 'ssh-keygen',
  unsupported: 'passphrases, certificates, conversion between formats',
  async run(process) {
    try {
      const { values } = parseFlags(flags, process.argv.slice(1), false)
      const home = process.env.get('HOME') ?? '/root'
      const hosts = values.file ?? `${home}/.ssh/known_hosts`
      const key = values.file ?? `${home}/.ssh/id_rsa`
      if (values.remove !== undefined) return await removeHost(process, hosts, values.remove)
      if (values.find !== undefined) return await findHost(process, hosts, values.find)
      if (values.list) return await showFingerprint(process, key)
      if (values.print) return await showPublic(process, key)
      return await make(process, values.type ?? 'rsa', values, home)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      await process.stderr.write(`ssh-keygen: ${error.message}\n`)
      return 1
    }
  },
}

async function make(process: Process, typeName: string, values: { quiet: boolean; bits: string | undefined; passphrase: string | undefined; file: string | undefined; comment: string | undefined }, home: string): Promise<number> {
  if (!['rsa', 'ed25519', 'ecdsa'].includes(typeName)) {
    await process.stderr.write(`unknown key type ${typeName}\n`)
    return 255
  }
  if (values.passphrase) {
    await process.stderr.write('ssh-keygen: passphrases are not supported in this simulation: use -N ""\n')
    return 1
  }
  const type = typeName as KeyType
  const say = async (text: string): Promise<void> => {
    if (!values.quiet) await process.stdout.write(text)
  }
  await say(`Generating public/private ${type} key pair.\n`)
  const usual = `${home}/.ssh/id_${type}`
  const path = values.file ?? ((await prompt(process, `Enter file in which to save the key (${usual}): `, true)) || usual)
  if (process.files.exists(path) && !(await mayOverwrite(process, path))) return 1
  if (values.passphrase === undefined) {
    await prompt(process, 'Enter passphrase (empty for no passphrase): ', false)
    await prompt(process, 'Enter same passphrase again: ', false)
  }
  const comment = values.comment ?? `${process.env.get('USER') ?? 'root'}@${process.uname().nodename}`
  const line = writePair(process, path, type, Number(values.bits ?? (type === 'rsa' ? 3072 : 256)), comment)
  await say(`Your identification has been saved in ${path}\nYour public key has been saved in ${path}.pub\nThe key fingerprint is:\n${fingerprint(line)} ${comment}\nThe key's randomart image is:\n${randomArt(line)}`)
  return 0
}

/** Makes a key and writes both its files; returns the public line. */
function writePair(process: Process, path: string, type: KeyType, bits: number, comment: string): string {
  const key = generateKey(type, bits, process.random, process.keys)
  const directory = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'
  if (!process.files.exists(directory)) process.files.mkdirAll(directory, 0o700)
  process.files.writeFile(path, privateKeyFile(key, comment), 0o600)
  process.files.chmod(path, 0o600)
  const line = publicLine(key, comment)
  process.files.writeFile(`${path}.pub`, `${line}\n`, 0o644)
  return line
}

async function mayOverwrite(process: Process, path: string): Promise<boolean> {
  const question = `${path} already exists.\nOverwrite (y/n)? `
  const answer = await prompt(process, question, true)
  if (answer === undefined) await process.stdout.write(question)
  return /^y/i.test(answer ?? '')
}

/** The drunken bishop's walk over the fingerprint. */
function randomArt(line: string): string {
  const field = Array.from({ length: 9 }, () => new Array<number>(17).fill(0))
  const bytes = Uint8Array.from(atob(fingerprint(line).slice(7).padEnd(44, '=')), (character) => character.charCodeAt(0))
  let [x, y] = [8, 4]
  for (const byte of bytes)
    for (let shift = 0; shift < 8; shift += 2) {
      const move = (byte >> shift) & 3
      x = Math.max(0, Math.min(16, x + (move & 1 ? 1 : -1)))
      y = Math.max(0, Math.min(8, y + (move & 2 ? 1 : -1)))
      const row = field[y] as number[]
      row[x] = (row[x] ?? 0) + 1
    }
  const signs = ' .o+=*BOX@%&#/^SE'
  const rows = field.map((row, at) => `|${row.map((count, column) => (column === x && at === y ? 'E' : column === 8 && at === 4 ? 'S' : signs.charAt(Math.min(count, 14)))).join('')}|\n`)
  const title = `[${keyLabel(line)} ${keyBits(line)}]`
  const pad = (text: string): string => `+${'-'.repeat(Math.floor((17 - text.length) / 2))}${text}${'-'.repeat(Math.ceil((17 - text.length) / 2))}+\n`
  return `${pad(title)}${rows.join('')}${pad('[SHA256]')}`
}

async function showFingerprint(process: Process, path: string): Promise<number> {
  const file = process.files.exists(`${path}.pub`) ? `${path}.pub` : path
  if (!process.files.exists(file)) {
    await process.stderr.write(`ssh-keygen: ${path}: No such file or directory\n`)
    return 255
  }
  const line = process.files.readText(file).trim()
  const parsed = parsePrivateKeyFile(line)
  const shown = parsed ? publicLine(parsed.key, parsed.comment) : line
  if (!/^(ssh-|ecdsa-)/.test(shown)) {
    await process.stderr.write(`${path} is not a public key file.\n`)
    return 255
  }
  await process.stdout.write(`${keyBits(shown)} ${fingerprint(shown)} ${shown.split(' ').slice(2).join(' ') || 'no comment'} (${keyLabel(shown)})\n`)
  return 0
}

async function showPublic(process: Process, path: string): Promise<number> {
  const parsed = process.files.exists(path) ? parsePrivateKeyFile(process.files.readText(path)) : undefined
  if (!parsed) {
    await process.stderr.write(process.files.exists(path) ? `Load key "${path}": error in libcrypto\n` : `${path}: No such file or directory\n`)
    return 255
  }
  await process.stdout.write(`${publicLine(parsed.key, parsed.comment)}\n`)
  return 0
}

async function removeHost(process: Process, path: string, host: string): Promise<number> {
  if (!process.files.exists(path)) {
    await process.stderr.write(`Cannot stat ${path}: No such file or directory\n`)
    return 255
  }
  const lines = process.files.readText(path).split('\n')
  const kept = lines.filter((line) => !line.split(/\s+/)[0]?.split(',').includes(host))
  if (kept.length === lines.length) {
    await process.stdout.write(`Host ${host} not found in ${path}\n`)
    return 0
  }
  const found = lines.findIndex((line) => line.split(/\s+/)[0]?.split(',').includes(host))
  process.files.writeFile(`${path}.old`, lines.join('\n'), 0o600)
  process.files.writeFile(path, kept.join('\n'), 0o600)
  await process.stdout.write(`# Host ${host} found: line ${found + 1}\n${path} updated.\nOriginal contents retained as ${path}.old\n`)
  return 0
}

async function findHost(process: Process, path: string, host: string): Promise<number> {
  const lines = process.files.exists(path) ? process.files.readText(path).split('\n') : []
  const found = lines.flatMap((line, index) => (line.split(/\s+/)[0]?.split(',').includes(host) ? [`# Host ${host} found: line ${index + 1} \n${line}\n`] : []))
  await process.stdout.write(found.join(''))
  return found.length > 0 ? 0 : 1
}

export const sshKeyscan: Program = {
  name: 'ssh-keyscan',
  async run(process) {
    const { values, operands } = parseFlags({ port: option('-p'), type: option('-t'), hash: flag('-H'), timeout: option('-T'), file: option('-f') }, process.argv.slice(1), false)
    const port = Number(values.port ?? 22)
    let code = 0
    for (const host of operands) {
      try {
        const connection = await process.net.connect({ host, port })
        const wire = new Wire(process.descriptor(process.install(connection)))
        await wire.line()
        await wire.sendLine(banner)
        await wire.send('hello', { nonce: 'scan' })
        const key = await wire.expect('hostKey')
        await process.stderr.write(`# ${host}:${port} ${banner}\n`)
        if (key && (values.type === undefined || key.line.includes(values.type))) await process.stdout.write(`${port === 22 ? host : `[${host}]:${port}`} ${key.line}\n`)
        connection.close()
      } catch (error) {
        if (error instanceof LookupError) await process.stderr.write(`getaddrinfo ${host}: Name or service not known\n`)
        else if (isErrno(error)) await process.stderr.write(`connect ${host}: ${error.message}\n`)
        else throw error
        code = 1
      }
    }
    return code
  },
}
