/** Where a registry's name really answers: `hosts.toml` below containerd's certs.d, else the name itself. */
import { parse } from 'smol-toml'
import type { Files } from '#engine/linux/abi/files'

export interface RegistryHost {
  readonly scheme: 'http' | 'https'
  readonly name: string
  readonly port: number
  readonly skipVerify?: boolean
  /** PEM. */
  readonly roots?: string
}

interface HostTable { capabilities?: string[]; skip_verify?: boolean; ca?: string | string[] }
interface HostsFile extends HostTable { server?: string; host?: Record<string, HostTable> }

/** `configPath` may name several directories, parted by colons. A host's own entries come first, its server last. */
export function registryHosts(files: Files, configPath: string, domain: string): RegistryHost[] {
  for (const directory of configPath.split(':').filter((part) => part !== '')) {
    for (const name of [domain, domain.replace(/:(\d+)$/, '_$1_'), '_default']) {
      const path = `${directory}/${name}/hosts.toml`
      if (files.exists(path)) return fromFile(files, parse(files.readText(path)) as HostsFile, domain)
    }
  }
  return [defaultHost(domain)]
}

function fromFile(files: Files, table: HostsFile, domain: string): RegistryHost[] {
  const mirrors = Object.entries(table.host ?? {})
    .filter(([, host]) => !host.capabilities || host.capabilities.includes('pull'))
    .map(([url, host]) => fromUrl(url, host, files))
  const server = table.server === undefined ? defaultHost(domain) : fromUrl(table.server, table, files)
  return [...mirrors, server]
}

function fromUrl(url: string, table: HostTable, files: Files): RegistryHost {
  const match = /^(?:(https?):\/\/)?([^/:]+)(?::(\d+))?/.exec(url)
  const scheme = match?.[1] === 'http' ? 'http' : 'https'
  const roots = [table.ca ?? []].flat().map((path) => files.readText(path)).join('')
  return { scheme, name: match?.[2] ?? url, port: Number(match?.[3] ?? (scheme === 'http' ? 80 : 443)), ...(table.skip_verify ? { skipVerify: true } : {}), ...(roots === '' ? {} : { roots }) }
}

function defaultHost(domain: string): RegistryHost {
  const [name = domain, port] = domain.split(':')
  const local = name === 'localhost' || name.startsWith('127.')
  const scheme = local ? 'http' : 'https'
  return { scheme, name: domain === 'docker.io' ? 'registry-1.docker.io' : name, port: port === undefined ? (local ? 80 : 443) : Number(port) }
}
