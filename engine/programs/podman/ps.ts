/** podman ps. */
import { type ContainerRecord, PodmanError } from '#engine/cri/podman/model'
import { formatRows, humanSpan, podmanTable, tableText } from '#engine/programs/common/containers/report'
import { type Commands, say, type Session, timeText } from './session'

const titles = { ID: 'CONTAINER ID', Image: 'IMAGE', Command: 'COMMAND', CreatedHuman: 'CREATED', Created: 'CREATED', Status: 'STATUS', Ports: 'PORTS', Names: 'NAMES', Pod: 'POD ID', PodName: 'PODNAME' }

export function statusText(session: Session, record: ContainerRecord): string {
  const { library } = session
  const state = library.state(record.id)
  if (state.status === 'running') return `Up ${humanSpan(library.now() - state.startedMs)} ago`
  if (state.status === 'exited') return `Exited (${state.exitCode}) ${humanSpan(library.now() - state.finishedMs)} ago`
  return state.status === 'created' ? 'Created' : state.status === 'paused' ? 'Paused' : state.status
}

export function portsText(session: Session, record: ContainerRecord): string {
  const infra = record.pod === undefined || record.isInfra ? record : session.library.container(session.library.presentPod(record.pod).infra)
  return (infra?.ports ?? []).map((port) => `${port.hostIp === '' ? '0.0.0.0' : port.hostIp}:${port.hostPort}->${port.containerPort}/${port.protocol}`).join(', ')
}

function row(session: Session, record: ContainerRecord): object {
  const { library, flags } = session
  const state = library.state(record.id)
  const pod = record.pod === undefined ? undefined : library.pod(record.pod)
  const command = [...record.command].join(' ')
  const ago = `${humanSpan(library.now() - record.createdMs)} ago`
  return {
    ID: flags.has('no-trunc') ? record.id : record.id.slice(0, 12), Image: record.imageName, ImageID: record.imageId.slice(7), Command: flags.has('no-trunc') || command.length <= 20 ? command : `${command.slice(0, 17)}...`, Created: ago, CreatedHuman: ago, CreatedAt: timeText(record.createdMs), RunningFor: ago, Status: statusText(session, record), State: state.status,
    Ports: portsText(session, record), Names: record.name, Pod: pod?.id.slice(0, 12) ?? '', PodName: pod?.name ?? '', Labels: record.labels, Networks: record.networks.join(','), Pid: state.pid, ExitCode: state.exitCode, Mounts: record.mounts.map((mount) => mount.destination).join(','), Restarts: state.restarts, Size: '0B (virtual 0B)', Exited: state.status === 'exited', IsInfra: record.isInfra ?? false,
  }
}

function json(session: Session, record: ContainerRecord): object {
  const state = session.library.state(record.id)
  const pod = record.pod === undefined ? undefined : session.library.pod(record.pod)
  return {
    AutoRemove: record.autoRemove, Command: record.command, CreatedAt: `${humanSpan(session.library.now() - record.createdMs)} ago`, Exited: state.status === 'exited', ExitedAt: Math.floor(state.finishedMs / 1000), ExitCode: state.exitCode, Id: record.id, Image: record.imageName, ImageID: record.imageId.slice(7), IsInfra: record.isInfra ?? false,
    Labels: Object.keys(record.labels).length > 0 ? record.labels : null, Mounts: record.mounts.map((mount) => mount.destination), Names: [record.name], Namespaces: {}, Networks: record.networks.filter((name) => !['host', 'none'].includes(name)), Pid: state.pid, Pod: pod?.id ?? '', PodName: pod?.name ?? '',
    Ports: record.ports.length === 0 ? null : record.ports.map((port) => ({ host_ip: port.hostIp, container_port: port.containerPort, host_port: port.hostPort, range: 1, protocol: port.protocol })), Restarts: state.restarts, Size: null, StartedAt: Math.floor(state.startedMs / 1000), State: state.status, Status: statusText(session, record).replace(/^Up (.*) ago$/, 'Up $1 ago'), Created: Math.floor(record.createdMs / 1000),
  }
}

function passes(session: Session, record: ContainerRecord, filter: string): boolean {
  const [key = '', ...rest] = filter.split('=')
  const value = rest.join('=')
  const state = session.library.state(record.id)
  const pod = record.pod === undefined ? undefined : session.library.pod(record.pod)
  const tests: Readonly<Record<string, () => boolean>> = {
    name: () => new RegExp(value).test(record.name), id: () => record.id.startsWith(value), status: () => state.status === value || (value === 'stopped' && state.status === 'exited'), exited: () => state.status === 'exited' && state.exitCode === Number(value),
    ancestor: () => record.imageName === value || record.imageName.replace(/:latest$/, '').endsWith(`/${value.replace(/:latest$/, '')}`) || record.imageName.endsWith(`/${value}`), pod: () => pod !== undefined && (pod.name === value || pod.id.startsWith(value)), network: () => record.networks.includes(value), volume: () => record.mounts.some((mount) => mount.source === value || mount.destination === value),
    label: () => {
      const [name = '', ...label] = value.split('=')
      return name in record.labels && (label.length === 0 || record.labels[name] === label.join('='))
    },
  }
  const test = tests[key]
  if (!test) throw new PodmanError(`${key} is an invalid filter`)
  return test()
}

async function ps(session: Session): Promise<number> {
  const { flags, library } = session
  const filters = flags.all('filter')
  const all = flags.has('all') || filters.some((filter) => /^(?:status|exited)=/.test(filter)) || flags.value('last') !== undefined || flags.has('latest')
  const listed = library.containers().reverse().filter((record) => (all || library.state(record.id).status === 'running') && filters.every((filter) => passes(session, record, filter)))
  const count = flags.has('latest') ? 1 : Number(flags.value('last') ?? listed.length)
  const records = listed.slice(0, count).reverse()
  if (flags.has('quiet')) return say(session, records.map((record) => `${flags.has('no-trunc') ? record.id : record.id.slice(0, 12)}\n`).join(''))
  const format = flags.value('format')
  if (format === 'json') return say(session, `${JSON.stringify(records.map((record) => json(session, record)), null, 2)}\n`)
  const rows = records.map((record) => row(session, record))
  if (format !== undefined) return say(session, formatRows(format, rows, titles, { ...podmanTable, noHeading: flags.has('noheading') }))
  const columns = [{ title: 'CONTAINER ID', field: 'ID' }, { title: 'IMAGE', field: 'Image' }, { title: 'COMMAND', field: 'Command' }, { title: 'CREATED', field: 'Created' }, { title: 'STATUS', field: 'Status' }, { title: 'PORTS', field: 'Ports' }, { title: 'NAMES', field: 'Names' }, ...(flags.has('pod') ? [{ title: 'POD ID', field: 'Pod' }, { title: 'PODNAME', field: 'PodName' }] : []), ...(flags.has('size') ? [{ title: 'SIZE', field: 'Size' }] : [])]
  return say(session, tableText(columns, rows, { ...podmanTable, noHeading: flags.has('noheading') }))
}

export const psCommands: Commands = {
  ps: { flags: 'all,a external filter,f= format= last,n= latest,l namespace,ns no-trunc noheading pod,p quiet,q size,s sort= sync watch,w=', operands: [0, 0], run: ps },
}
