/** What the node is: processors, memory, disk, kernel, names and addresses, read from the machine. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'

export interface MachineFacts {
  readonly processors: number
  readonly memoryBytes: number
  readonly kernelVersion: string
  readonly osImage: string
  readonly machineId: string
  readonly systemUuid: string
  readonly bootId: string
}

export function readMachine(process: Process): MachineFacts {
  const machineId = read(process, '/etc/machine-id').trim()
  return {
    processors: Math.max(1, [...read(process, '/proc/cpuinfo').matchAll(/^processor\s*:/gm)].length),
    memoryBytes: Number(/^MemTotal:\s+(\d+) kB/m.exec(read(process, '/proc/meminfo'))?.[1] ?? 4_194_304) * 1024,
    kernelVersion: process.uname().release,
    osImage: /^PRETTY_NAME="?([^"\n]*)"?/m.exec(read(process, '/etc/os-release'))?.[1] ?? 'Linux',
    machineId,
    systemUuid: read(process, '/sys/class/dmi/id/product_uuid').trim() || machineId,
    bootId: read(process, '/proc/sys/kernel/random/boot_id').trim(),
  }
}

/** Total and available memory now, in bytes. */
export function memoryNow(process: Process): { total: number; available: number } {
  const text = read(process, '/proc/meminfo')
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024
  return { total: field('MemTotal'), available: field('MemAvailable') || field('MemFree') }
}

/** The address a packet to the outside would have: that of the default route's interface. */
export function defaultAddress(process: Process): string | undefined {
  const interfaceName = read(process, '/proc/net/route').split('\n').map((line) => line.split('\t')).find(([, destination, , flags]) => destination === '00000000' && (Number.parseInt(flags ?? '0', 16) & 2) !== 0)?.[0]
  return addressesOf(process, interfaceName)[0] ?? addressesOf(process, undefined)[0]
}

/** Local IPv4 addresses by /proc/net/fib_trie's way of telling, without loopback; of one interface by its subnet. */
function addressesOf(process: Process, interfaceName: string | undefined): string[] {
  const trie = read(process, '/proc/net/fib_trie')
  const local = [...trie.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n\s+\/32 host LOCAL/g)].map((match) => match[1] ?? '').filter((address) => !address.startsWith('127.'))
  const all = [...new Set(local)]
  if (interfaceName === undefined) return all
  const routes = read(process, '/proc/net/route').split('\n').map((line) => line.split('\t')).filter(([name, destination]) => name === interfaceName && destination !== '00000000')
  return all.filter((address) => routes.some(([, destination = '0', , , , , , mask = '0']) => (toNumber(address) & littleEndian(mask)) >>> 0 === littleEndian(destination)))
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0)
}

function littleEndian(hex: string): number {
  const bytes = hex.match(/../g) ?? []
  return bytes.reverse().reduce((sum, byte) => ((sum << 8) | Number.parseInt(byte, 16)) >>> 0, 0)
}

function read(process: Process, path: string): string {
  try {
    return process.files.readText(path)
  } catch (error) {
    if (isErrno(error)) return ''
    throw error
  }
}
