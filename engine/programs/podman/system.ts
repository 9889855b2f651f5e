/** podman version, info, system df and prune, login, logout, search, top, generate systemd. */
import { parseReference } from '#engine/cri/images/reference'
import { callRegistry, dialText } from '#engine/cri/images/pull'
import { removeContainer } from '#engine/cri/podman/lifecycle'
import { removeImage } from '#engine/cri/podman/images'
import { podStatus, removePod } from '#engine/cri/podman/pods'
import { networks } from '#engine/cri/podman/network'
import { PodmanError } from '#engine/cri/podman/model'
import { authFilePath, encodeAuth, readAuth, Registries, userOf, writeAuth } from '#engine/cri/podman/registries'
import { formatRows, humanSize, podmanTable, renderTemplate, tableText } from '#engine/programs/common/containers/report'
import { listedImages } from './images'
import { type Commands, say, type Session } from './session'

const version = '4.3.1'

async function showVersion(session: Session): Promise<number> {
  const client = { APIVersion: version, Version: version, GoVersion: 'go1.19.8', GitCommit: '', BuiltTime: 'Thu Jan  1 00:00:00 1970', Built: 0, OsArch: 'linux/amd64', Os: 'linux' }
  const format = session.flags.value('format')
  if (format === 'json') return say(session, `${JSON.stringify({ Client: client }, null, 2)}\n`)
  if (format !== undefined) return say(session, `${renderTemplate(format, { Client: client, Server: null, ...client })}\n`)
  return say(session, `Client:       Podman Engine\nVersion:      ${version}\nAPI Version:  ${version}\nGo Version:   go1.19.8\nBuilt:        Thu Jan  1 00:00:00 1970\nOS/Arch:      linux/amd64\n`)
}

async function info(session: Session): Promise<number> {
  const { library, process } = session
  const containers = library.containers()
  const running = containers.filter((record) => library.state(record.id).status === 'running').length
  const registries = new Registries(process.files)
  const about = {
    host: { arch: 'amd64', buildahVersion: '1.28.2', cgroupManager: 'systemd', cgroupVersion: 'v2', conmon: { path: '/usr/bin/conmon', version: 'conmon version 2.1.6' }, cpus: 2, distribution: { codename: 'bookworm', distribution: 'debian', version: '12' }, eventLogger: 'journald', hostname: process.uname().nodename, kernel: process.uname().release, networkBackend: 'cni', ociRuntime: { name: 'runc', path: '/usr/sbin/runc' }, os: 'linux', security: { rootless: false } },
    plugins: { authorization: null, log: ['k8s-file', 'none', 'passthrough', 'journald'], network: ['bridge', 'macvlan', 'ipvlan'], volume: ['local'] }, registries: { search: registries.search },
    store: { configFile: '/usr/share/containers/storage.conf', containerStore: { number: containers.length, paused: 0, running, stopped: containers.length - running }, graphDriverName: 'overlay', graphRoot: '/var/lib/containers/storage', imageStore: { number: listedImages(session, false).length }, runRoot: '/run/containers/storage', volumePath: '/var/lib/containers/storage/volumes' },
    version: { APIVersion: version, Built: 0, GitCommit: '', GoVersion: 'go1.19.8', OsArch: 'linux/amd64', Version: version },
  }
  const upper = { Host: { ...about.host, OS: 'linux', Arch: 'amd64', Hostname: about.host.hostname, Kernel: about.host.kernel, CPUs: 2, OCIRuntime: { Name: 'runc' }, NetworkBackend: 'cni', CgroupsVersion: 'v2', CgroupManager: 'systemd', Security: { Rootless: false }, Distribution: { Distribution: 'debian', Version: '12' } }, Store: { ...about.store, ContainerStore: { Number: containers.length, Running: running, Stopped: containers.length - running }, ImageStore: { Number: about.store.imageStore.number }, GraphDriverName: 'overlay', GraphRoot: about.store.graphRoot }, Version: about.version, Registries: about.registries }
  const format = session.flags.value('format')
  if (format !== undefined && format !== 'json') return say(session, `${renderTemplate(format, upper)}\n`)
  return say(session, `${JSON.stringify(about, null, 2)}\n`)
}

async function df(session: Session): Promise<number> {
  const { library, flags } = session
  const containers = library.containers()
  const running = containers.filter((record) => library.state(record.id).status === 'running')
  const images = listedImages(session, false)
  const used = new Set(containers.map((record) => record.imageId))
  const size = (ids: typeof images): number => ids.reduce((sum, image) => sum + image.sizeBytes, 0)
  const free = size(images.filter((image) => !used.has(image.id)))
  const all = size(images)
  const volumes = library.volumes()
  const usedVolumes = volumes.filter((volume) => containers.some((record) => record.mounts.some((mount) => mount.source === volume.name)))
  const rows = [
    { Type: 'Images', Total: images.length, Active: images.filter((image) => used.has(image.id)).length, Size: humanSize(all, ''), Reclaimable: `${humanSize(free, '')} (${all === 0 ? 0 : Math.round((free / all) * 100)}%)` },
    { Type: 'Containers', Total: containers.length, Active: running.length, Size: '0B', Reclaimable: '0B (0%)' },
    { Type: 'Local Volumes', Total: volumes.length, Active: usedVolumes.length, Size: '0B', Reclaimable: '0B (0%)' },
  ]
  const format = flags.value('format')
  if (format !== undefined) return say(session, formatRows(format, rows, { Type: 'TYPE', Total: 'TOTAL', Active: 'ACTIVE', Size: 'SIZE', Reclaimable: 'RECLAIMABLE' }, podmanTable))
  return say(session, tableText([{ title: 'TYPE', field: 'Type' }, { title: 'TOTAL', field: 'Total' }, { title: 'ACTIVE', field: 'Active' }, { title: 'SIZE', field: 'Size' }, { title: 'RECLAIMABLE', field: 'Reclaimable' }], rows, podmanTable))
}

async function prune(session: Session): Promise<number> {
  const { library, flags } = session
  const pods = library.pods().filter((pod) => ['Exited', 'Stopped'].includes(podStatus(library, pod)))
  for (const pod of pods) await removePod(library, pod, true)
  if (pods.length > 0) await say(session, `Deleted Pods\n${pods.map((pod) => `${pod.id}\n`).join('')}`)
  const gone = library.containers().filter((record) => record.pod === undefined && library.state(record.id).status !== 'running')
  for (const record of gone) await removeContainer(library, record, { force: true })
  if (gone.length > 0) await say(session, `Deleted Containers\n${gone.map((record) => `${record.id}\n`).join('')}`)
  const used = new Set(library.containers().map((record) => record.imageId))
  const images = listedImages(session, false).filter((image) => !used.has(image.id) && (flags.has('all') || image.repoTags.length === 0))
  let bytes = 0
  const deleted: string[] = []
  for (const image of images) {
    bytes += image.sizeBytes
    deleted.push(...(await removeImage(library, image.id.slice(7), true, async () => undefined)).deleted)
  }
  if (deleted.length > 0) await say(session, `Deleted Images\n${deleted.map((id) => `${id}\n`).join('')}`)
  const unused = networks(library).filter((network) => network.name !== 'podman' && !library.containers().some((record) => record.networks.includes(network.name)))
  for (const network of unused) library.files.unlink(network.path)
  if (unused.length > 0) await say(session, `Deleted Networks\n${unused.map((network) => `${network.name}\n`).join('')}`)
  return say(session, `Total reclaimed space: ${humanSize(bytes, '')}\n`)
}

async function login(session: Session): Promise<number> {
  const { flags, process } = session
  const registry = (flags.operands[0] ?? 'docker.io').replace(/^https?:\/\//, '').replace(/\/$/, '')
  const path = authFilePath(process, flags.value('authfile'))
  if (flags.has('get-login')) {
    const known = readAuth(process.files, path)[registry]?.auth
    if (known === undefined) throw new PodmanError(`not logged into ${registry}`)
    return say(session, `${userOf(known)}\n`)
  }
  const auth = await credentials(session)
  await tryLogin(session, registry, auth)
  writeAuth(process.files, path, { ...readAuth(process.files, path), [registry]: { auth } })
  return say(session, 'Login Succeeded!\n')
}

async function credentials({ flags, process }: Session): Promise<string> {
  const user = flags.value('username')
  if (flags.has('password-stdin') && flags.value('password') !== undefined) throw new PodmanError("can't specify both --password-stdin and --password")
  if (user === undefined) throw new PodmanError(flags.has('password-stdin') ? 'must provide --username with --password-stdin' : 'cannot ask for a username here: give --username and --password')
  return encodeAuth(user, flags.has('password-stdin') ? (await process.stdin.text()).trim() : (flags.value('password') ?? ''))
}

async function tryLogin({ flags, process }: Session, registry: string, auth: string): Promise<void> {
  const [host] = new Registries(process.files).hosts(parseReference(`${registry}/x`).domain, flags.given('tls-verify') ? flags.has('tls-verify') : undefined)
  if (!host) return
  try {
    const answer = await callRegistry({ net: process.net }, host, { method: 'GET', path: '/v2/' }, { auth })
    if (answer.status === 401) throw new PodmanError(`logging into ${JSON.stringify(registry)}: invalid username/password`)
  } catch (error) {
    if (error instanceof PodmanError) throw error
    throw new PodmanError(`authenticating creds for ${JSON.stringify(registry)}: pinging container registry ${registry}: Get "https://${registry}/v2/": ${dialText(error, host)}`)
  }
}

async function logout(session: Session): Promise<number> {
  const { flags, process } = session
  const path = authFilePath(process, flags.value('authfile'))
  const auths = readAuth(process.files, path)
  if (flags.has('all')) {
    writeAuth(process.files, path, {})
    return say(session, 'Removed login credentials for all registries\n')
  }
  const registry = flags.operands[0] ?? 'docker.io'
  if (!auths[registry]) throw new PodmanError(`not logged into ${registry}`)
  const { [registry]: _gone, ...rest } = auths
  writeAuth(process.files, path, rest)
  return say(session, `Removed login credentials for ${registry}\n`)
}

async function top(session: Session): Promise<number> {
  const { library, process, flags } = session
  const [name = '', ...fields] = flags.operands
  const record = library.presentContainer(name)
  const state = library.state(record.id)
  if (state.status !== 'running') throw new PodmanError('top can only be used on running containers')
  const chosen = fields.length > 0 ? fields.flatMap((field) => field.split(',')) : ['user', 'pid', 'ppid', 'pcpu', 'etime', 'tty', 'time', 'args']
  const cgroup = process.processes().find((entry) => entry.pid === state.pid)?.cgroup
  const inside = process.processes().filter((entry) => entry.cgroup === cgroup)
  const numbers = new Map(inside.map((entry, index) => [entry.pid, index + 1]))
  const cells: Readonly<Record<string, readonly [string, (entry: (typeof inside)[number]) => string]>> = {
    user: ['USER', (entry) => (entry.uid === 0 ? 'root' : String(entry.uid))], pid: ['PID', (entry) => String(numbers.get(entry.pid) ?? 0)], ppid: ['PPID', (entry) => String(numbers.get(entry.ppid) ?? 0)], hpid: ['HPID', (entry) => String(entry.pid)], pcpu: ['%CPU', () => '0.000'], etime: ['ELAPSED', (entry) => `${((library.now() - entry.startedAtMs) / 1000).toFixed(3)}s`], tty: ['TTY', (entry) => entry.tty ?? '?'], time: ['TIME', () => '0s'], args: ['COMMAND', (entry) => `${entry.argv.join(' ')} `], comm: ['COMMAND', (entry) => entry.command], state: ['STATE', (entry) => entry.state], group: ['GROUP', () => 'root'], nice: ['NI', (entry) => String(entry.nice)], vsz: ['VSZ', (entry) => String(Math.round(entry.memoryBytes / 1024))], rss: ['RSS', (entry) => String(Math.round(entry.memoryBytes / 1024))],
  }
  const unknown = chosen.find((field) => !cells[field])
  if (unknown !== undefined) throw new PodmanError(`unknown descriptor: ${unknown}`)
  const columns = chosen.map((field) => ({ title: cells[field]?.[0] ?? '', field }))
  return say(session, tableText(columns, inside.map((entry) => Object.fromEntries(chosen.map((field) => [field, cells[field]?.[1](entry) ?? '']))), podmanTable))
}

async function systemd(session: Session): Promise<number> {
  const { library, flags, process } = session
  const record = library.container(flags.operands[0] ?? '')
  if (!record) throw new PodmanError(`${flags.operands[0] ?? ''} does not refer to a container or pod: no pod with name or ID ${flags.operands[0] ?? ''} found: no such pod: no container with name or ID ${JSON.stringify(flags.operands[0] ?? '')} found: no such container`)
  const unit = `container-${flags.has('name') ? record.name : record.id}`
  const what = flags.has('name') ? record.name : record.id
  const policy = flags.value('restart-policy') ?? 'on-failure'
  const text = `# ${unit}.service\n# autogenerated by Podman ${version}\n# ${new Date(Math.floor(library.now())).toUTCString()}\n\n[Unit]\nDescription=Podman ${unit}.service\nDocumentation=man:podman-generate-systemd(1)\nWants=network-online.target\nAfter=network-online.target\nRequiresMountsFor=/run/containers/storage\n\n[Service]\nEnvironment=PODMAN_SYSTEMD_UNIT=%n\nRestart=${policy}\nTimeoutStopSec=70\nExecStart=/usr/bin/podman start ${what}\nExecStop=/usr/bin/podman stop -t 10 ${what}\nExecStopPost=/usr/bin/podman stop -t 10 ${what}\nPIDFile=${library.runDirectory(record.id)}/conmon.pid\nType=forking\n\n[Install]\nWantedBy=default.target\n`
  if (!flags.has('files')) return say(session, text)
  process.files.writeFile(`${unit}.service`, text, 0o644)
  return say(session, `${process.cwd()}/${unit}.service\n`)
}

export const systemCommands: Commands = {
  version: { flags: 'format,f=', operands: [0, 0], run: showVersion },
  info: { flags: 'format,f= debug,D', operands: [0, 0], run: info },
  'system df': { flags: 'format= verbose,v', operands: [0, 0], run: df },
  'system prune': { flags: 'all,a force,f filter= volumes external', operands: [0, 0], run: prune },
  login: { flags: 'authfile= cert-dir= get-login password,p= password-stdin tls-verify username,u= verbose,v', operands: [0, 1], run: login },
  logout: { flags: 'all,a authfile=', operands: [0, 1], run: logout },
  search: { flags: 'authfile= compatible filter,f= format= limit= list-tags no-trunc tls-verify', operands: [1, 1], run: () => Promise.reject(new PodmanError('podman search is not simulated: no registry of this network answers searches')) },
  top: { flags: 'latest,l', stop: 1, operands: [1, 99], run: top },
  'generate systemd': { flags: 'name,n files,f new restart-policy= time,t= no-header container-prefix= pod-prefix= separator= format= after= requires= wants=', operands: [1, 1], run: systemd },
}
