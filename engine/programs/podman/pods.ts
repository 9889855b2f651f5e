/** podman pod. */
import { createPod, podStatus, removePod, startPod, stopPod } from '#engine/cri/podman/pods'
import { PodmanError, type PodRecord } from '#engine/cri/podman/model'
import { signalContainer } from '#engine/cri/podman/lifecycle'
import { parseSignal } from '#engine/linux/abi/signals'
import { formatRows, humanSpan, podmanTable, tableText } from '#engine/programs/common/containers/report'
import { pairs, portsOf } from './options'
import { each, type Commands, say, type Session, timeText } from './session'

async function create(session: Session): Promise<number> {
  const { flags, library, process } = session
  const name = flags.value('name') ?? flags.operands[0]
  if (flags.has('replace') && name !== undefined && library.pod(name)) await removePod(library, library.presentPod(name), true)
  const networks = flags.all('network')
  const freePort = (): number => 32_768 + ((process.random.bytes(2)[0] ?? 0) * 64) % 28_000
  const pod = createPod(library, { name, hostname: flags.value('hostname'), labels: pairs(flags.all('label')), ports: portsOf(flags.all('publish'), {}, false, freePort), ...(networks.length > 0 ? { networks } : {}), dns: flags.all('dns'), hosts: flags.all('add-host'), infraName: flags.value('infra-name'), createCommand: process.argv })
  const file = flags.value('pod-id-file')
  if (file !== undefined) process.files.writeFile(file, pod.id)
  return say(session, `${pod.id}\n`)
}

function row(session: Session, pod: PodRecord): object {
  const { library, flags } = session
  const members = library.members(pod)
  const id = (text: string): string => (flags.has('no-trunc') ? text : text.slice(0, 12))
  const ago = `${humanSpan(library.now() - pod.createdMs)} ago`
  return {
    ID: id(pod.id), Id: pod.id, Name: pod.name, Status: podStatus(library, pod), Created: ago, CreatedAt: timeText(pod.createdMs), InfraID: id(pod.infra), InfraId: id(pod.infra), NumberOfContainers: members.length, Labels: pod.labels, Cgroup: 'machine.slice', Networks: library.container(pod.infra)?.networks.join(',') ?? '',
    ContainerIds: members.map((member) => member.id.slice(0, 12)).join(','), ContainerNames: members.map((member) => member.name).join(','), ContainerStatuses: members.map((member) => library.state(member.id).status).join(','), NumContainers: members.length, Namespace: '',
  }
}

const titles = { ID: 'POD ID', Id: 'POD ID', Name: 'NAME', Status: 'STATUS', Created: 'CREATED', InfraID: 'INFRA ID', InfraId: 'INFRA ID', NumberOfContainers: '# OF CONTAINERS' }

function passes(session: Session, pod: PodRecord, filter: string): boolean {
  const [key = '', ...rest] = filter.split('=')
  const value = rest.join('=')
  if (key === 'name') return new RegExp(value).test(pod.name)
  if (key === 'id') return pod.id.startsWith(value)
  if (key === 'status') return podStatus(session.library, pod).toLowerCase() === value.toLowerCase()
  if (key === 'label') return value.includes('=') ? pod.labels[value.split('=')[0] ?? ''] === value.slice(value.indexOf('=') + 1) : value in pod.labels
  throw new PodmanError(`${key} is an invalid filter`)
}

async function ps(session: Session): Promise<number> {
  const { flags, library } = session
  const pods = library.pods().reverse().filter((pod) => flags.all('filter').every((filter) => passes(session, pod, filter)))
  const rows = pods.map((pod) => row(session, pod))
  if (flags.has('quiet')) return say(session, pods.map((pod) => `${flags.has('no-trunc') ? pod.id : pod.id.slice(0, 12)}\n`).join(''))
  const format = flags.value('format')
  if (format === 'json') return say(session, `${JSON.stringify(pods.map((pod) => ({ Cgroup: 'machine.slice', Containers: library.members(pod).map((member) => ({ Id: member.id, Names: member.name, Status: library.state(member.id).status })), Created: new Date(Math.floor(pod.createdMs)).toISOString(), Id: pod.id, InfraId: pod.infra, Name: pod.name, Namespace: '', Networks: library.container(pod.infra)?.networks ?? [], Status: podStatus(library, pod), Labels: pod.labels })), null, 5)}\n`)
  if (format !== undefined) return say(session, formatRows(format, rows, titles, { ...podmanTable, noHeading: flags.has('noheading') }))
  return say(session, tableText([{ title: 'POD ID', field: 'ID' }, { title: 'NAME', field: 'Name' }, { title: 'STATUS', field: 'Status' }, { title: 'CREATED', field: 'Created' }, { title: 'INFRA ID', field: 'InfraID' }, ...(flags.has('ctr-ids') ? [{ title: 'IDS', field: 'ContainerIds' }] : []), ...(flags.has('ctr-names') ? [{ title: 'NAMES', field: 'ContainerNames' }] : []), ...(flags.has('ctr-status') ? [{ title: 'STATUS', field: 'ContainerStatuses' }] : []), { title: '# OF CONTAINERS', field: 'NumberOfContainers' }], rows, { ...podmanTable, noHeading: flags.has('noheading') }))
}

function forEach(work: (session: Session, pod: PodRecord) => Promise<void>, missingCode = 125): (session: Session) => Promise<number> {
  return async (session) => {
    const { flags, library } = session
    if (!flags.has('all') && flags.operands.length === 0) throw new PodmanError('you must provide at least one name or id')
    const names = flags.has('all') ? library.pods().map((pod) => pod.id) : flags.operands
    return each(session, names, async (name) => {
      if (!library.pod(name) && (flags.has('ignore') || (missingCode === 1 && flags.has('force')))) return
      const pod = library.presentPod(name, missingCode)
      await work(session, pod)
      await say(session, `${pod.id}\n`)
    })
  }
}

function timeout({ flags }: Session): number | undefined {
  return flags.value('time') === undefined ? undefined : Number(flags.value('time'))
}

async function kill(session: Session, pod: PodRecord): Promise<void> {
  const signal = parseSignal(session.flags.value('signal') ?? 'SIGKILL')
  if (!signal) throw new PodmanError(`invalid signal: ${session.flags.value('signal') ?? ''}`)
  for (const member of session.library.members(pod)) if (session.library.state(member.id).status === 'running') await signalContainer(session.library, member, signal)
}

async function prune(session: Session): Promise<number> {
  for (const pod of session.library.pods()) {
    if (['Running', 'Degraded', 'Created'].includes(podStatus(session.library, pod))) continue
    await removePod(session.library, pod, true)
    await say(session, `${pod.id}\n`)
  }
  return 0
}

const common = 'all,a latest,l ignore,i time,t= force,f signal,s= pod-id-file='

export const podCommands: Commands = {
  'pod create': { flags: 'add-host= cgroup-parent= cpus= cpuset-cpus= device= dns= exit-policy= gidmap= hostname= infra infra-command= infra-image= infra-name= ip= label,l= label-file= mac-address= memory,m= name,n= network= network-alias= no-hosts pid= pod-id-file= publish,p= replace restart= security-opt= share= share-parent shm-size= sysctl= uidmap= userns= uts= volume,v=', operands: [0, 1], run: create },
  'pod ps': { flags: 'ctr-ids ctr-names ctr-status filter,f= format= latest,l namespace,ns no-trunc noheading quiet,q sort= ', operands: [0, 0], run: ps },
  'pod start': { flags: common, run: forEach((session, pod) => startPod(session.library, pod)) },
  'pod stop': { flags: common, run: forEach((session, pod) => stopPod(session.library, pod, timeout(session))) },
  'pod restart': { flags: common, run: forEach(async (session, pod) => {
    await stopPod(session.library, pod, timeout(session))
    await startPod(session.library, pod)
  }) },
  'pod rm': { flags: common, run: forEach((session, pod) => removePod(session.library, pod, session.flags.has('force'), timeout(session)), 1) },
  'pod kill': { flags: common, run: forEach(kill) },
  'pod prune': { flags: 'force,f', operands: [0, 0], run: prune },
  'pod exists': { flags: '', operands: [1, 1], run: async (session) => (session.library.pod(session.flags.operands[0] ?? '') ? 0 : 1) },
}
