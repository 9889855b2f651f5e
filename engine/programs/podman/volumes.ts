/** podman volume. */
import { removeContainer } from '#engine/cri/podman/lifecycle'
import { type VolumeRecord, PodmanError } from '#engine/cri/podman/model'
import { formatRows, podmanTable, tableText } from '#engine/programs/common/containers/report'
import { pairs } from './options'
import { each, type Commands, say, type Session } from './session'

export function volumeInspection({ library }: Session, volume: VolumeRecord): object {
  return { Name: volume.name, Driver: 'local', Mountpoint: library.volumePath(volume.name), CreatedAt: new Date(Math.floor(volume.createdMs)).toISOString(), Labels: volume.labels, Scope: 'local', Options: volume.options, ...(volume.anonymous ? { Anonymous: true } : {}), MountCount: 0, NeedsCopyUp: true, NeedsChown: true }
}

function users({ library }: Session, name: string): ReturnType<typeof library.containers> {
  return library.containers().filter((record) => record.mounts.some((mount) => mount.type === 'volume' && mount.source === name))
}

async function create(session: Session): Promise<number> {
  const { flags, library } = session
  const name = flags.operands[0] ?? library.newId()
  if (library.volumes().some((volume) => volume.name === name)) throw new PodmanError(`volume with name ${name} already exists: volume already exists`)
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) throw new PodmanError(`running volume create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`)
  library.saveVolume({ name, createdMs: library.now(), labels: pairs(flags.all('label')), options: pairs(flags.all('opt')), anonymous: false })
  return say(session, `${name}\n`)
}

async function ls(session: Session): Promise<number> {
  const { flags, library } = session
  const wanted = library.volumes().filter((volume) => flags.all('filter').every((filter) => passes(session, volume, filter)))
  const rows = wanted.map((volume) => ({ Driver: 'local', VolumeName: volume.name, Name: volume.name, Mountpoint: library.volumePath(volume.name), Scope: 'local', Labels: volume.labels }))
  if (flags.has('quiet')) return say(session, rows.map((row) => `${row.Name}\n`).join(''))
  const format = flags.value('format')
  if (format === 'json') return say(session, `${JSON.stringify(wanted.map((volume) => volumeInspection(session, volume)), null, 5)}\n`)
  if (format !== undefined) return say(session, formatRows(format, rows, { Name: 'VOLUME NAME' }, podmanTable))
  return say(session, rows.length === 0 ? '' : tableText([{ title: 'DRIVER', field: 'Driver' }, { title: 'VOLUME NAME', field: 'VolumeName' }], rows, podmanTable))
}

function passes(session: Session, volume: VolumeRecord, filter: string): boolean {
  const [key = '', ...rest] = filter.split('=')
  const value = rest.join('=')
  if (key === 'name') return volume.name.includes(value)
  if (key === 'label') return value.includes('=') ? volume.labels[value.split('=')[0] ?? ''] === value.slice(value.indexOf('=') + 1) : value in volume.labels
  if (key === 'dangling') return (users(session, volume.name).length === 0) === (value === 'true')
  if (key === 'driver') return value === 'local'
  throw new PodmanError(`${JSON.stringify(key)} is an invalid volume filter`)
}

async function rm(session: Session): Promise<number> {
  const { flags, library } = session
  if (flags.operands.length === 0 && !flags.has('all')) throw new PodmanError('choose either one or more volumes or all')
  const names = flags.has('all') ? library.volumes().map((volume) => volume.name) : flags.operands
  return each(session, names, async (name) => {
    if (!library.volumes().some((volume) => volume.name === name)) throw new PodmanError(`no volume with name ${JSON.stringify(name)} found: no such volume`, 1)
    const used = users(session, name)
    if (used.length > 0 && !flags.has('force')) throw new PodmanError(`volume ${name} is being used by the following container(s): ${used.map((record) => record.id).join(', ')}: volume is being used`, 2)
    for (const record of used) await removeContainer(library, record, { force: true })
    library.removeVolume(name)
    await say(session, `${name}\n`)
  })
}

async function prune(session: Session): Promise<number> {
  const { library } = session
  for (const { name } of library.volumes()) {
    if (users(session, name).length > 0) continue
    library.removeVolume(name)
    await say(session, `${name}\n`)
  }
  return 0
}

export const volumeCommands: Commands = {
  'volume create': { flags: 'driver,d= label,l= opt,o= ignore', operands: [0, 1], run: create },
  'volume ls': { flags: 'filter,f= format= noheading,n quiet,q', operands: [0, 0], run: ls },
  'volume rm': { flags: 'all,a force,f time,t=', run: rm },
  'volume prune': { flags: 'force,f filter=', operands: [0, 0], run: prune },
  'volume exists': { flags: '', operands: [1, 1], run: async (session) => (session.library.volumes().some((volume) => volume.name === session.flags.operands[0]) ? 0 : 1) },
}
