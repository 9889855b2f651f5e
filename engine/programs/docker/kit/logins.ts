/** ~/.docker/config.json: who is logged in where. */
import type { Process } from '#engine/linux/abi/process'
import { DockerFailure } from './api'

interface ConfigFile { auths?: Record<string, { auth?: string }>; [key: string]: unknown }

export function configPath(process: Process): string {
  const directory = process.env.get('DOCKER_CONFIG') ?? `${process.env.get('HOME') ?? '/root'}/.docker`
  return `${directory}/config.json`
}

function read(process: Process): ConfigFile {
  const path = configPath(process)
  if (!process.files.exists(path)) return {}
  try {
    return JSON.parse(process.files.readText(path)) as ConfigFile
  } catch {
    throw new DockerFailure(`WARNING: Error loading config file: ${path}: invalid character in config file`)
  }
}

export function readLogins(process: Process): Readonly<Record<string, { readonly auth?: string }>> {
  return read(process).auths ?? {}
}

export function writeLogin(process: Process, registry: string, auth: string | undefined): void {
  const path = configPath(process)
  const config = read(process)
  const auths = Object.fromEntries(Object.entries(config.auths ?? {}).filter(([name]) => name !== registry))
  if (auth !== undefined) auths[registry] = { auth }
  process.files.mkdirAll(path.slice(0, path.lastIndexOf('/')), 0o700)
  process.files.writeFile(path, JSON.stringify({ ...config, auths }, null, '\t'), 0o600)
}
