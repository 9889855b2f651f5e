/** `getent`, `chage`, `nologin`. */
import { Errno } from '#engine/linux/abi/errno'
import { flag, list, option, optional, parseFlags } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { parseV4 } from '#engine/linux/net/address'
import { readHosts } from '#engine/linux/net/dns/resolver'
import { findGroup, findUser, groups, shadows, type User, users } from '#engine/linux/users/accounts'

export const getent: Program = {
  name: 'getent',
  async run(process) {
    const [database = '', ...keys] = process.argv.slice(1).filter((arg) => !arg.startsWith('-'))
    const userLine = (user: User): string => `${user.name}:x:${user.uid}:${user.gid}:${user.comment}:${user.home}:${user.shell}\n`
    const groupLine = (group: ReturnType<typeof groups>[number]): string => `${group.name}:x:${group.gid}:${group.members.join(',')}\n`
    const key = (text: string): string | number => (/^\d+$/.test(text) ? Number(text) : text)
    const tables: Readonly<Record<string, () => Promise<(string | undefined)[]>>> = {
      passwd: async () => (keys.length === 0 ? users(process.files).map(userLine) : keys.map((each) => findUser(process.files, key(each))).map((user) => user && userLine(user))),
      group: async () => (keys.length === 0 ? groups(process.files).map(groupLine) : keys.map((each) => findGroup(process.files, key(each))).map((group) => group && groupLine(group))),
      shadow: async () => (process.files.readText('/etc/shadow').split('\n').filter(Boolean).filter((line) => keys.length === 0 || keys.includes(line.split(':')[0] ?? ''))).map((line) => `${line}\n`),
      hosts: async () => (keys.length === 0 ? process.files.readText('/etc/hosts').split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')).map((line) => `${(line.split(/\s+/)[0] ?? '').padEnd(15)} ${line.split(/\s+/).slice(1).join(' ')}\n`) : Promise.all(keys.map((each) => hostLine(process, each)))),
      services: async () => (process.files.exists('/etc/services') ? process.files.readText('/etc/services').split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#') && (keys.length === 0 || keys.some((each) => line.split(/\s+/)[0] === each || line.split(/\s+/)[1]?.split('/')[0] === each))).map((line) => `${(line.split(/\s+/)[0] ?? '').padEnd(21)} ${line.split(/\s+/)[1] ?? ''}\n`) : []),
    }
    const table = database === 'ahosts' || database === 'ahostsv4' ? tables['hosts'] : tables[database]
    if (!table) {
      await process.stderr.write(database === '' ? 'getent: wrong number of arguments\nTry `getent --help\' or `getent --usage\' for more information.\n' : `Unknown database: ${database}\nTry \`getent --help' or \`getent --usage' for more information.\n`)
      return 1
    }
    const found = await table()
    await process.stdout.write(found.filter((line) => line !== undefined).join(''))
    return found.length === 0 || found.includes(undefined) ? 2 : 0
  },
}

/** From /etc/hosts with all its names, forwards and backwards; else from the resolver. */
async function hostLine(process: Process, host: string): Promise<string | undefined> {
  const known = readHosts(process.files).find((entry) => entry.address === host || entry.names.includes(host))
  if (known) return `${known.address.padEnd(15)} ${known.names.join(' ')}\n`
  if (parseV4(host) !== undefined) return undefined
  try {
    const addresses = await process.net.lookup(host)
    return addresses.map((address) => `${address.padEnd(15)} ${host}\n`).join('')
  } catch (error) {
    if (error instanceof Error && (error.name === 'LookupError' || error instanceof Errno)) return undefined
    throw error
  }
}

export const chage: Program = {
  name: 'chage',
  unsupported: 'setting of ages: only -l',
  async run(process) {
    const { values, operands } = parseFlags({ list: flag('-l', '--list'), max: option('-M', '--maxdays'), min: option('-m', '--mindays'), expire: option('-E', '--expiredate'), last: option('-d', '--lastday'), warn: option('-W', '--warndays'), inactive: option('-I', '--inactive'), iso: flag('-i', '--iso8601'), unused: optional('--unused'), more: list('--more') }, process.argv.slice(1), false)
    const shadow = shadows(process.files).find((each) => each.name === operands[0])
    if (!shadow) {
      await process.stderr.write(`chage: user '${operands[0] ?? ''}' does not exist in /etc/passwd\n`)
      return 1
    }
    if (!values.list) {
      await process.stderr.write('chage: changing password ages is not supported in this simulation\n')
      return 1
    }
    const date = new Date(Number(shadow.fields[0] ?? 0) * 86_400_000)
    const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][date.getUTCMonth()] ?? ''
    await process.stdout.write(`Last password change\t\t\t\t\t: ${month} ${String(date.getUTCDate()).padStart(2, '0')}, ${date.getUTCFullYear()}\nPassword expires\t\t\t\t\t: never\nPassword inactive\t\t\t\t\t: never\nAccount expires\t\t\t\t\t\t: never\nMinimum number of days between password change\t\t: ${shadow.fields[1] ?? '0'}\nMaximum number of days between password change\t\t: ${shadow.fields[2] ?? '99999'}\nNumber of days of warning before password expires\t: ${shadow.fields[3] ?? '7'}\n`)
    return 0
  },
}

export const nologin: Program = {
  name: 'nologin',
  async run(process) {
    await process.stdout.write('This account is currently not available.\n')
    return 1
  },
}
