/** `hostname`, `hostnamectl`, `timedatectl`, `loginctl`, `lscpu`, `dmesg`, modules. */
import { flag, list, option, optional, parseFlags, UsageError } from '#engine/linux/abi/flags'
import { Errno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { Task } from '#engine/linux/kernel/task'
import { printV4 } from '#engine/linux/net/address'
import { NetNamespace } from '#engine/linux/net/namespace'
import { terminals } from '../processes/load'

/** These say where to look after wrong usage. */
const utilLinux = new Set(['logger', 'lscpu', 'dmesg', 'swapon', 'swapoff', 'mkswap', 'fallocate', 'nsenter', 'unshare', 'mountpoint', 'chroot', 'wall', 'mesg', 'last'])

export function simple(name: string, run: (process: Process, args: readonly string[]) => Promise<number>, unsupported?: string): Program {
  return {
    name,
    ...(unsupported === undefined ? {} : { unsupported }),
    async run(process) {
      try {
        return await run(process, process.argv.slice(1))
      } catch (error) {
        if (!(error instanceof UsageError)) throw error
        await process.stderr.write(`${name}: ${error.message}\n${utilLinux.has(name) ? `Try '${name} --help' for more information.\n` : ''}`)
        return 1
      }
    },
  }
}

export const hostname = simple('hostname', async (process, args) => {
  const { values, operands } = parseFlags({ short: flag('-s', '--short'), fqdn: flag('-f', '--fqdn', '--long'), domain: flag('-d', '--domain'), addresses: flag('-I', '--all-ip-addresses'), address: flag('-i', '--ip-address'), file: option('-F', '--file'), boot: flag('-b', '--boot') }, args, false)
  const name = process.uname().nodename
  const next = values.file === undefined ? operands[0] : process.files.readText(values.file).trim()
  if (next !== undefined) {
    if (process.credentials.euid !== 0) {
      await process.stderr.write('hostname: you must be root to change the host name\n')
      return 1
    }
    process.setHostname(next)
    return 0
  }
  if (values.addresses || values.address) return printAddresses(process, values.address)
  await process.stdout.write(`${values.domain ? fullName(process, name).split('.').slice(1).join('.') : values.short ? (name.split('.')[0] ?? '') : values.fqdn ? fullName(process, name) : name}\n`)
  return 0
})

/** The first name on the line of /etc/hosts that knows the host. */
function fullName(process: Process, name: string): string {
  const text = process.files.exists('/etc/hosts') ? process.files.readText('/etc/hosts') : ''
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
  return lines.find((names) => names.includes(name))?.[0] ?? name
}

/** Addresses of the machine, without loopback. */
async function printAddresses(process: Process, byName: boolean): Promise<number> {
  if (byName) {
    await process.stdout.write(`${(await process.net.lookup(process.uname().nodename)).join(' ')}\n`)
    return 0
  }
  const namespace = process.networkNamespace()
  const devices = namespace instanceof NetNamespace ? [...namespace.interfaces.values()] : []
  const addresses = devices.flatMap((device) => device.addresses.map((each) => printV4(each.address))).filter((address) => !address.startsWith('127.'))
  await process.stdout.write(`${addresses.map((address) => `${address} `).join('')}\n`)
  return 0
}

function osRelease(process: Process, key: string): string {
  const text = process.files.exists('/etc/os-release') ? process.files.readText('/etc/os-release') : ''
  return new RegExp(`^${key}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? ''
}

export const hostnamectl = simple('hostnamectl', async (process, args) => {
  const { operands } = parseFlags({ static: flag('--static'), transient: flag('--transient'), pretty: flag('--pretty'), noAsk: flag('--no-ask-password'), json: option('--json') }, args, false)
  const [verb = 'status', name] = operands
  if (verb === 'set-hostname' || (verb === 'hostname' && name !== undefined)) {
    if (name === undefined) return fail(process, 'Too few arguments.\n')
    process.files.writeFile('/etc/hostname', `${name}\n`)
    process.setHostname(name)
    return 0
  }
  if (verb === 'hostname') {
    await process.stdout.write(`${process.uname().nodename}\n`)
    return 0
  }
  if (verb !== 'status') return fail(process, `Unknown command verb ${verb}.\n`)
  const { kernel } = process as Task
  const machineId = process.files.exists('/etc/machine-id') ? process.files.readText('/etc/machine-id').trim() : ''
  await process.stdout.write(` Static hostname: ${process.uname().nodename}\n       Icon name: computer-vm\n         Chassis: vm 🖴\n      Machine ID: ${machineId}\n         Boot ID: ${kernel.options.bootId.replace(/-/g, '')}\n  Virtualization: kvm\nOperating System: ${osRelease(process, 'PRETTY_NAME')}\n          Kernel: Linux ${process.uname().release}\n    Architecture: x86-64\n Hardware Vendor: QEMU\n  Hardware Model: Standard PC _Q35 + ICH9, 2009_\n`)
  return 0
})

export async function fail(process: Process, text: string, code = 1): Promise<number> {
  await process.stderr.write(text)
  return code
}

export const timedatectl = simple('timedatectl', async (process, args) => {
  const operands = args.filter((arg) => !arg.startsWith('-'))
  if (operands.length > 0 && !['status', 'show'].includes(operands[0] ?? '')) return fail(process, operands[0] === 'set-timezone' || operands[0] === 'set-ntp' || operands[0] === 'set-time' ? `timedatectl: ${operands[0]} is not supported in this simulation\n` : `Unknown command verb ${operands[0] ?? ''}.\n`)
  const now = new Date(process.clock.now())
  const stamp = `${['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][now.getUTCDay()] ?? ''} ${now.toISOString().slice(0, 19).replace('T', ' ')}`
  await process.stdout.write(`               Local time: ${stamp} UTC\n           Universal time: ${stamp} UTC\n                 RTC time: ${stamp}\n                Time zone: Etc/UTC (UTC, +0000)\nSystem clock synchronized: yes\n              NTP service: active\n          RTC in local TZ: no\n`)
  return 0
})

export const loginctl = simple('loginctl', async (process, args) => {
  const verb = args.find((arg) => !arg.startsWith('-')) ?? 'list-sessions'
  const sessions = terminals(process)
  if (verb === 'list-sessions') await process.stdout.write(`${['SESSION  UID USER SEAT TTY', ...sessions.map((each) => `${String(each.pid).padStart(7)} ${String(0).padStart(4)} ${each.user} ${''.padStart(4)} ${each.tty}`)].join('\n')}\n\n${sessions.length} sessions listed.\n`)
  else if (verb === 'list-users') await process.stdout.write(` UID USER LINGER\n${[...new Set(sessions.map((each) => each.user))].map((user) => `   0 ${user} no\n`).join('')}\n`)
  else return fail(process, `loginctl: ${verb} is not supported in this simulation\n`)
  return 0
}, 'only list-sessions and list-users')

export const lscpu = simple('lscpu', async (process) => {
  const text = process.files.readText('/proc/cpuinfo')
  const count = text.match(/^processor/gm)?.length ?? 1
  const get = (name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? ''
  const rows: [string, string][] = [['Architecture:', 'x86_64'], ['  CPU op-mode(s):', '32-bit, 64-bit'], ['  Address sizes:', get('address sizes')], ['  Byte Order:', 'Little Endian'], ['CPU(s):', String(count)], ['  On-line CPU(s) list:', count === 1 ? '0' : `0-${count - 1}`], ['Vendor ID:', get('vendor_id')], ['  Model name:', get('model name')], ['    CPU family:', get('cpu family')], ['    Model:', get('model')], ['    Thread(s) per core:', '1'], ['    Core(s) per socket:', String(count)], ['    Socket(s):', '1'], ['    Stepping:', get('stepping')], ['    BogoMIPS:', get('bogomips')], ['    Flags:', get('flags')], ['Virtualization features:', ''], ['  Hypervisor vendor:', 'KVM'], ['  Virtualization type:', 'full']]
  await process.stdout.write(rows.map(([name, value]) => `${name.padEnd(33)}${value}`.trimEnd()).join('\n') + '\n')
  return 0
})

export const dmesg = simple('dmesg', async (process, args) => {
  const { values } = parseFlags({ clear: flag('-C', '--clear'), readClear: flag('-c', '--read-clear'), human: flag('-T', '--ctime'), humanPager: flag('-H', '--human'), follow: flag('-w', '--follow'), followNew: flag('-W', '--follow-new'), level: option('-l', '--level'), kernel: flag('-k', '--kernel'), noTime: flag('-t', '--notime'), decode: flag('-x', '--decode'), color: optional('-L', '--color'), noPager: flag('-P', '--nopager'), raw: flag('-r', '--raw') }, args, false)
  const { kernel } = process as Task
  const levels = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug']
  const wanted = values.level?.split(',').map((name) => levels.indexOf(name))
  const bootedAt = kernel.options.bootedAtMs
  const line = (message: (typeof kernel.log.messages)[number]): string => {
    const time = values.noTime ? '' : values.human ? `[${new Date(message.atMs).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/, '$1 $3 $2 $5 $4')}] ` : `[${((message.atMs - bootedAt) / 1000).toFixed(6).padStart(12)}] `
    return `${values.decode ? `kern  :${(levels[message.priority] ?? '').padEnd(6)}: ` : ''}${time}${message.text}\n`
  }
  if (!values.clear) await process.stdout.write(kernel.log.messages.filter((message) => !wanted || wanted.includes(message.priority)).map(line).join(''))
  if (values.clear || values.readClear) kernel.log.clear()
  if (values.follow) {
    let seen = kernel.log.messages.length
    for (;;) {
      await process.clock.sleep(200)
      const fresh = kernel.log.messages.slice(seen)
      seen = kernel.log.messages.length
      if (fresh.length > 0) await process.stdout.write(fresh.map(line).join(''))
    }
  }
  return 0
})

export const lsmod = simple('lsmod', async (process) => {
  const rows = process.files.readText('/proc/modules').split('\n').filter(Boolean).map((line) => line.split(' '))
  await process.stdout.write(`Module                  Size  Used by\n${rows.map(([name = '', size = '', used = '', by = '']) => `${name.padEnd(20)}${size.padStart(8)}  ${used}${by === '-' ? '' : ` ${by.replace(/,$/, '')}`}\n`).join('')}`)
  return 0
})

const modules = new Set(['br_netfilter', 'overlay', 'ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_sh', 'nf_conntrack', 'nf_conntrack_ipv4', 'xt_conntrack', 'ip_tables', 'iptable_nat', 'iptable_filter', 'nf_tables', 'vxlan', 'dummy', 'bridge', 'veth', 'configs', 'nfs', 'loop', 'tun', 'ipip', 'wireguard'])

export const modprobe = simple('modprobe', async (process, args) => {
  const { values, operands } = parseFlags({ remove: flag('-r', '--remove'), all: flag('-a', '--all'), quiet: flag('-q', '--quiet'), dry: flag('-n', '--dry-run', '--show'), verbose: flag('-v', '--verbose'), first: flag('--first-time') }, args, false)
  if (operands.length === 0) return fail(process, 'modprobe: ERROR: missing parameters. See -h.\n')
  for (const name of values.all ? operands : operands.slice(0, 1)) if (!modules.has(name.replace(/-/g, '_'))) return values.quiet ? 1 : fail(process, `modprobe: FATAL: Module ${name} not found in directory /lib/modules/${process.uname().release}\n`)
  return 0
}, 'modules are all there and have no effect of their own')

const callFailed = (method: string): string => `Failed to set wall message, ignoring: Interactive authentication required.\nFailed to call ${method} in logind`
const refusals = { reboot: callFailed('Reboot'), poweroff: callFailed('PowerOff'), halt: callFailed('Halt'), shutdown: 'Failed to schedule shutdown' } as const

export const reboots: readonly Program[] = (['reboot', 'poweroff', 'halt', 'shutdown'] as const).map((name) =>
  simple(name, async (process, args) => {
    if (process.credentials.euid !== 0) return fail(process, `${refusals[name]}: Interactive authentication required.\n`)
    if (name === 'shutdown' && args.includes('-c')) return 0
    const restart = name === 'reboot' || args.some((arg) => ['-r', '--reboot'].includes(arg))
    const how = restart ? 'reboot' : 'poweroff'
    if (args.includes('-f') || args.includes('--force')) process.reboot(how)
    const status = await process.spawn('/usr/bin/systemctl', ['systemctl', how]).wait()
    return status.kind === 'exited' ? status.code : 1
  }),
)

export const aaStatus = simple('aa-status', async (process) => {
  const path = '/sys/kernel/security/apparmor/profiles'
  const profiles = process.files.exists(path) ? process.files.readText(path).split('\n').filter(Boolean) : []
  const enforced = profiles.filter((line) => line.endsWith('(enforce)'))
  const complaining = profiles.filter((line) => line.endsWith('(complain)'))
  const names = (lines: readonly string[]): string => lines.map((line) => `   ${line.replace(/ \(\w+\)$/, '')}\n`).join('')
  await process.stdout.write(`apparmor module is loaded.\n${profiles.length} profiles are loaded.\n${enforced.length} profiles are in enforce mode.\n${names(enforced)}${complaining.length} profiles are in complain mode.\n${names(complaining)}0 profiles are in kill mode.\n0 profiles are in unconfined mode.\n0 processes have profiles defined.\n0 processes are in enforce mode.\n0 processes are in complain mode.\n0 processes are unconfined but have a profile defined.\n0 processes are in mixed mode.\n0 processes are in kill mode.\n`)
  return 0
})

export const apparmorParser = simple('apparmor_parser', async (process, args) => {
  const { values, operands } = parseFlags({ replace: flag('-r', '--replace'), add: flag('-a', '--add'), remove: flag('-R', '--remove'), quiet: flag('-q', '--quiet'), complain: flag('-C', '--Complain'), write: flag('-W', '--write-cache'), verbose: flag('-v', '--verbose'), skip: flag('-K', '--skip-read-cache', '-T', '--skip-cache'), include: list('-I', '--Include') }, args, false)
  const loaded = '/sys/kernel/security/apparmor/profiles'
  process.files.mkdirAll('/sys/kernel/security/apparmor')
  const known = new Map(process.files.exists(loaded) ? process.files.readText(loaded).split('\n').filter(Boolean).map((line) => [line.replace(/ \(\w+\)$/, ''), line] as const) : [])
  for (const path of operands) {
    if (!process.files.exists(path)) return fail(process, `File ${path} not found, skipping...\n`)
    const text = process.files.readText(path)
    const found = [...text.matchAll(/^\s*(?:profile\s+)?("?[^\s"{#]+"?)\s*(?:\S+\s+)?(?:flags=\(([^)]*)\))?\s*\{/gm)]
    if (found.length === 0) return fail(process, `AppArmor parser error for ${path} in profile ${path} at line 1: syntax error, unexpected TOK_ID, expecting TOK_OPEN\n`)
    for (const match of found) {
      const name = (match[1] as string).replace(/"/g, '')
      if (values.remove) known.delete(name)
      else if (known.has(name) && !values.replace) return fail(process, `apparmor_parser: Unable to add "${name}".  Profile already exists\n`, 254)
      else known.set(name, `${name} (${values.complain || match[2]?.includes('complain') ? 'complain' : 'enforce'})`)
    }
  }
  process.files.writeFile(loaded, [...known.values()].map((line) => `${line}\n`).join(''))
  return 0
}, 'rules of profiles are not enforced')

export const strace = simple('strace', async (process) => fail(process, 'strace: system calls cannot be traced in this simulation\n'), 'everything')

export const chroot = simple('chroot', async (process, args) => {
  const { values, operands } = parseFlags({ user: option('--userspec'), groups: option('--groups'), skip: flag('--skip-chdir') }, args, true)
  const [root, ...command] = operands
  if (root === undefined) return fail(process, "chroot: missing operand\nTry 'chroot --help' for more information.\n", 125)
  void values
  try {
    process.chroot(root)
  } catch (error) {
    if (!(error instanceof Errno)) throw error
    return fail(process, `chroot: cannot change root directory to '${root}': ${error.message}\n`, 125)
  }
  const argv = command.length > 0 ? command : [process.env.get('SHELL') ?? '/bin/sh', '-i']
  return runIn(process, 'chroot', argv)
})

/** Becomes a command found by PATH. */
export async function runIn(process: Process, name: string, argv: readonly string[]): Promise<number> {
  const [command = ''] = argv
  const path = command.includes('/') ? command : ((process.env.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin').split(':').map((directory) => `${directory}/${command}`).find((each) => process.files.exists(each)?.type === 'file') ?? command)
  try {
    return await process.exec(path, argv)
  } catch (error) {
    if (!(error instanceof Errno)) throw error
    await process.stderr.write(`${name}: failed to ${name === 'chroot' ? 'run command' : 'execute'} ${name === 'chroot' ? `‘${command}’` : command}: ${error.message}\n`)
    return error.code === 'ENOENT' ? 127 : 126
  }
}

export const nsenter = simple('nsenter', async (process, args) => {
  const { values, operands } = parseFlags({ target: option('-t', '--target'), all: flag('-a', '--all'), mount: optional('-m', '--mount'), uts: optional('-u', '--uts'), ipc: optional('-i', '--ipc'), net: optional('-n', '--net'), pid: optional('-p', '--pid'), user: optional('-U', '--user'), cgroup: optional('-C', '--cgroup'), root: optional('-r', '--root'), cwd: optional('-w', '--wd'), noFork: flag('-F', '--no-fork'), preserve: flag('--preserve-credentials') }, args, true)
  const pid = Number(values.target)
  const kinds = (['mount', 'uts', 'ipc', 'pid'] as const).filter((kind) => values.all || values[kind] !== undefined)
  if (values.target === undefined && kinds.length > 0) return fail(process, 'nsenter: no target PID specified\n')
  if (values.target !== undefined && !process.files.exists(`/proc/${pid}`)) return fail(process, `nsenter: cannot open /proc/${values.target}/ns/mnt: No such file or directory\n`)
  const network = values.net ? process.networkNamespace(values.net) : values.net === '' || values.all ? { ofPid: pid } : undefined
  const namespaces = { ...Object.fromEntries(kinds.map((kind) => [kind, { ofPid: pid }])), ...(network ? { network } : {}) }
  const argv = operands.length > 0 ? operands : [process.env.get('SHELL') ?? '/bin/sh']
  const status = await process.fork((child) => runIn(child, 'nsenter', argv), { namespaces }).wait()
  return status.kind === 'exited' ? status.code : 128
})

export const unshare = simple('unshare', async (process, args) => {
  const { values, operands } = parseFlags({ mount: flag('-m', '--mount'), uts: flag('-u', '--uts'), ipc: flag('-i', '--ipc'), net: flag('-n', '--net'), pid: flag('-p', '--pid'), user: flag('-U', '--user'), cgroup: flag('-C', '--cgroup'), fork: flag('-f', '--fork'), mountProc: optional('--mount-proc'), mapRoot: flag('-r', '--map-root-user'), root: option('-R', '--root') }, args, true)
  const argv = operands.length > 0 ? operands : [process.env.get('SHELL') ?? '/bin/sh']
  const wanted = { mount: values.mount || values.mountProc !== undefined, uts: values.uts, ipc: values.ipc, network: values.net, pid: values.pid }
  const namespaces = Object.fromEntries(Object.entries(wanted).filter(([, isWanted]) => isWanted).map(([kind]) => [kind, 'new' as const]))
  try {
    const child = process.fork((own) => {
      if (values.mountProc !== undefined) own.files.mount({ source: 'proc', target: values.mountProc || '/proc', type: 'proc', options: [] })
      return runIn(own, 'unshare', argv)
    }, { namespaces, ...(values.root === undefined ? {} : { root: values.root }) })
    const status = await child.wait()
    return status.kind === 'exited' ? status.code : 128
  } catch (error) {
    if (!(error instanceof Errno)) throw error
    return fail(process, `unshare: unshare failed: ${error.message}\n`)
  }
}, 'user and cgroup namespaces')
