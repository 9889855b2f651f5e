/** Which chart a word of the command line means: a path here, a URL, or one of a repository. */
import type { Process } from '#engine/linux/abi/process'
import { bool, type Flag, type Flags, string } from '#engine/programs/common/cobra/flags'
import { type HelmPaths, helmPaths } from '../cli/paths'
import { pathsOf } from '../cli/globals'
import { downloadTo, type Resolved, resolveInRepository, resolveReference } from './download'
import { loginOf } from './credentials'
import type { Access } from './fetch'
import { parseReference, pullChart, type Pulled } from './registry'

/** Flags of all commands that take a chart. */
export const chartPathFlags: readonly Flag[] = [
  string('ca-file', 'verify certificates of HTTPS-enabled servers using this CA bundle'),
  string('cert-file', 'identify HTTPS client using this SSL certificate file'),
  bool('insecure-skip-tls-verify', 'skip tls certificate checks for the chart download'),
  string('key-file', 'identify HTTPS client using this SSL key file'),
  string('keyring', 'location of public keys used for verification', { defaultText: '"/root/.gnupg/pubring.gpg"' }),
  bool('pass-credentials', 'pass credentials to all domains'),
  string('password', 'chart repository password where to locate the requested chart'),
  bool('plain-http', 'use insecure HTTP connections for the chart download'),
  string('repo', 'chart repository url where to locate the requested chart'),
  string('username', 'chart repository username where to locate the requested chart'),
  bool('verify', 'verify the package before using it'),
  string('version', 'specify a version constraint for the chart version to use. It can be an exact one (e.g. 1.1.1) or a range (e.g. ^2.0.0). Without it the newest is used'),
]

export interface LocateOptions {
  readonly version?: string
  readonly repo?: string
  readonly devel?: boolean
  readonly verify?: boolean
  readonly access?: Access
  readonly paths?: HelmPaths
  readonly plainHttp?: boolean
}

export function locateOptions(process: Process, flags: Flags): LocateOptions {
  const text = (name: string): string => (flags.has(name) ? flags.string(name) : '')
  const devel = flags.has('devel') && flags.bool('devel')
  return {
    version: text('version').trim() || (devel ? '>0.0.0-0' : ''), repo: text('repo'), devel, verify: flags.has('verify') && flags.bool('verify'),
    access: { username: text('username'), password: text('password'), caFile: text('ca-file'), certFile: text('cert-file'), keyFile: text('key-file'), insecure: flags.has('insecure-skip-tls-verify') && flags.bool('insecure-skip-tls-verify') },
    paths: pathsOf(process, flags), plainHttp: flags.has('plain-http') && flags.bool('plain-http'),
  }
}

/** The path of a directory or archive on disk; what is elsewhere is fetched into the cache. */
export async function locateChart(process: Process, given: string, options: LocateOptions = {}): Promise<string> {
  const name = given.trim()
  if (process.files.exists(name)) {
    if (options.verify) throw new Error('verification of packages is not simulated')
    return name.startsWith('/') ? name : `${process.cwd().replace(/\/$/, '')}/${name}`
  }
  if (name.startsWith('/') || name.startsWith('.')) throw new Error(`path ${JSON.stringify(name)} not found`)
  const paths = options.paths ?? helmPaths(process)
  if (name.startsWith('oci://')) {
    const { bytes, file } = await pullFromRegistry(process, name, options)
    process.files.mkdirAll(paths.repositoryCache)
    process.files.writeFile(`${paths.repositoryCache}/${file}`, bytes, 0o644)
    return `${paths.repositoryCache}/${file}`
  }
  const resolved = await resolve(process, name, options)
  process.files.mkdirAll(paths.repositoryCache)
  return await downloadTo(process, resolved, paths.repositoryCache)
}

/** Where a chart that is not on this disk is to be had. */
export async function resolve(process: Process, name: string, { version = '', repo = '', access = {}, paths = helmPaths(process) }: LocateOptions): Promise<Resolved> {
  return repo === '' ? resolveReference(process, paths, name, version) : await resolveInRepository(process, repo, name, version, access)
}

/** What was pulled is told on standard error. */
export async function pullFromRegistry(process: Process, name: string, { version = '', access = {}, plainHttp = false, paths = helmPaths(process) }: LocateOptions): Promise<Pulled> {
  const login = access.username ? {} : loginOf(process, paths.registryConfig, parseReference(name).host)
  const pulled = await pullChart(process, name, version, { plainHttp, access: { ...access, ...login } })
  await process.stderr.write(`Pulled: ${pulled.reference}\nDigest: ${pulled.digest}\n`)
  return pulled
}
