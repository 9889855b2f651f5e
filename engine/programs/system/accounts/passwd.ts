/** `passwd` and `chpasswd`. */
import { flag, option, parseFlags } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { findUser, shadows } from '#engine/linux/users/accounts'
import { prompt } from '../ssh/client'
import { setPasswordHash } from './files'
import { checkPassword, hashPassword } from './password'

function hashOf(process: Process, name: string): string {
  return shadows(process.files).find((each) => each.name === name)?.hash ?? '*'
}

export const passwd: Program = {
  name: 'passwd',
  async run(process) {
    const { values, operands } = parseFlags({ lock: flag('-l', '--lock'), unlock: flag('-u', '--unlock'), delete: flag('-d', '--delete'), status: flag('-S', '--status'), expire: flag('-e', '--expire'), all: flag('-a', '--all'), quiet: flag('-q', '--quiet'), max: option('-x'), min: option('-n'), warn: option('-w') }, process.argv.slice(1), false)
    const own = findUser(process.files, process.credentials.uid) ?? { name: 'root' }
    const name = operands[0] ?? own.name
    if (!findUser(process.files, name)) {
      await process.stderr.write(`passwd: user '${name}' does not exist\n`)
      return 1
    }
    if (process.credentials.uid !== 0 && name !== own.name) {
      await process.stderr.write(`passwd: You may not view or modify password information for ${name}.\n`)
      return 1
    }
    const hash = hashOf(process, name)
    const store = (next: string): void => setPasswordHash(process.files, name, next, process.clock.now())
    const say = async (text: string): Promise<number> => {
      if (!values.quiet) await process.stdout.write(text)
      return 0
    }
    if (values.status) return say(`${name} ${passwordState(hash)} 2026-11-21 0 99999 7 -1\n`)
    if (values.expire) return say('passwd: password expiry information changed.\n')
    const next = values.lock ? `!${hash.replace(/^!/, '')}` : values.unlock ? hash.replace(/^!/, '') : values.delete ? '' : undefined
    if (next === undefined) return change(process, name, store)
    store(next)
    return say('passwd: password changed.\n')
  },
}

function passwordState(hash: string): string {
  if (hash === '') return 'NP'
  return /^[!*]/.test(hash) ? 'L' : 'P'
}

async function change(process: Process, name: string, store: (hash: string) => void): Promise<number> {
  const lines = process.terminal() ? undefined : process.stdin.lines()[Symbol.asyncIterator]()
  const ask = async (text: string): Promise<string> => {
    if (!lines) return (await prompt(process, text, false)) ?? ''
    await process.stderr.write(text)
    const next = await lines.next()
    return next.done ? '' : next.value
  }
  if (process.credentials.uid !== 0) {
    await process.stdout.write(`Changing password for ${name}.\n`)
    if (!checkPassword(await ask('Current password: '), hashOf(process, name))) {
      await process.stderr.write('passwd: Authentication token manipulation error\npasswd: password unchanged\n')
      return 10
    }
  }
  const first = await ask('New password: ')
  const second = await ask('Retype new password: ')
  if (lines) await process.stderr.write('\n')
  if (first !== second || first === '') {
    await process.stderr.write(`${first === '' ? 'No password has been supplied.' : 'Sorry, passwords do not match.'}\npasswd: Authentication token manipulation error\npasswd: password unchanged\n`)
    return 10
  }
  store(hashPassword(first, process.random))
  await process.stderr.write('passwd: password updated successfully\n')
  return 0
}

export const chpasswd: Program = {
  name: 'chpasswd',
  async run(process) {
    const encrypted = process.argv.includes('-e') || process.argv.includes('--encrypted')
    let number = 0
    for await (const line of process.stdin.lines()) {
      number++
      const colon = line.indexOf(':')
      const name = line.slice(0, colon)
      if (colon < 0 || !findUser(process.files, name)) {
        await process.stderr.write(colon < 0 ? `chpasswd: line ${number}: missing new password\n` : `chpasswd: line ${number}: user '${name}' does not exist\nchpasswd: error detected, changes ignored\n`)
        return 1
      }
      const password = line.slice(colon + 1)
      setPasswordHash(process.files, name, encrypted ? password : hashPassword(password, process.random), process.clock.now())
    }
    return 0
  },
}
