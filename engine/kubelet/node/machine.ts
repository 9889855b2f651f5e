/** What the node is: processors, memory, disk, kernel, names and addresses, read from the machine. */
import { isErrno } from '#engine/linux/abi/errno'
import { printV4 } from '#engine/linux/net/address'
import { NetNamespace } from '#engine/linux/net/namespace'
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

/** The address a packet to the outside would have: that of the default route's interface, else the first that is not local. */
export function defaultAddress(process: Process): string | undefined {
  const namespace = process.networkNamespace()
  if (!(namespace instanceof NetNamespace)) return undefined
  const route = namespace.routes.list().find((item) => item.destination.length === 0 && item.device)
  const devices = [...(route?.device ? [route.device] : []), ...namespace.interfaces.values()]
  for (const device of devices) {
    const address = device.addresses.find((item) => item.scope === 'global')
    if (address) return printV4(address.address)
  }
  return undefined
}

/** Every address of the machine. */
export function hostAddresses(process: Process): string[] {
  const namespace = process.networkNamespace()
  if (!(namespace instanceof NetNamespace)) return []
  return [...namespace.interfaces.values()].flatMap((device) => device.addresses.map((item) => printV4(item.address)))
}

function read(process: Process, path: string): string {
  try {
    return process.files.readText(path)
  } catch (error) {
    if (isErrno(error)) return ''
    throw error
  }
}
