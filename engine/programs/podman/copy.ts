/** podman cp, diff, build. */
import { extractArchive, treeArchive } from '#engine/cri/archive/tree'
import { PodmanError } from '#engine/cri/podman/model'
import { mountPoints, snapshotKey } from '#engine/cri/podman/spec'
import { buildFlags, runBuild } from '#engine/programs/common/containers/build'
import { mounted } from './roots'
import { type Commands, say, type Session } from './session'

interface Place { readonly container: string | undefined; readonly path: string }

function placeOf(session: Session, text: string): Place {
  const match = /^([^/:.][^/:]*):(.*)$/.exec(text)
  if (!match || !session.library.container(match[1] ?? '')) {
    if (match) throw new PodmanError(`${JSON.stringify(match[1])} could not be found on container: no such container`)
    return { container: undefined, path: text }
  }
  return { container: match[1], path: match[2] ?? '' }
}

async function cp(session: Session): Promise<number> {
  const [from, to] = session.flags.operands.map((text) => placeOf(session, text))
  if (!from || !to || (from.container === undefined) === (to.container === undefined)) throw new PodmanError('container-to-container or host-to-host copy is not supported: exactly one side must be a container')
  const name = from.container ?? to.container ?? ''
  mounted(session, session.library.presentContainer(name), (root) => copy(session, from.container === undefined ? from.path : `${root}${from.path}`, to.container === undefined ? to.path : `${root}${to.path}`, from))
  return 0
}

function copy({ process: { files } }: Session, source: string, target: string, from: Place): void {
  const clean = source.replace(/\/\.?$/, '')
  const stat = files.exists(clean)
  if (!stat) throw new PodmanError(from.container === undefined ? `${JSON.stringify(from.path)} could not be found on the host: stat ${from.path}: no such file or directory` : `${JSON.stringify(from.path)} could not be found on container ${from.container}: no such file or directory`)
  const parent = clean.includes('/') ? clean.slice(0, clean.lastIndexOf('/')) : '.'
  const base = clean.slice(clean.lastIndexOf('/') + 1)
  const into = files.exists(target)?.type === 'directory'
  if (!into && target.endsWith('/')) throw new PodmanError(`${JSON.stringify(target)} could not be found on the host: no such file or directory`)
  if (into) {
    const content = stat.type === 'directory' && /\/\.$/.test(source) ? treeArchive(files, clean) : treeArchive(files, parent, [base])
    return extractArchive(files, target, content)
  }
  if (stat.type === 'directory') {
    files.mkdirAll(target, 0o755)
    return extractArchive(files, target, treeArchive(files, clean))
  }
  files.writeFile(target, files.readFile(clean), stat.mode)
  files.chmod(target, stat.mode)
}

async function diff(session: Session): Promise<number> {
  const { library } = session
  const record = library.presentContainer(session.flags.operands[0] ?? '')
  const upper = library.store.snapshots.upperDirectory(snapshotKey(record.id)) ?? ''
  const lower = library.store.snapshots.mounts(snapshotKey(record.id)).lower
  const lines: string[] = []
  const walk = (path: string): void => {
    for (const { name } of library.files.readDirectory(`${upper}${path}`).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inside = `${path}/${name}`
      if (mountPoints.has(inside.slice(1))) continue
      const stat = library.files.lstat(`${upper}${inside}`)
      const before = lower.some((layer) => library.files.exists(`${layer}${inside}`))
      lines.push(`${stat.type === 'character' ? 'D' : before ? 'C' : 'A'} ${inside}\n`)
      if (stat.type === 'directory') walk(inside)
    }
  }
  walk('')
  return say(session, lines.join(''))
}

export const copyCommands: Commands = {
  cp: { flags: 'archive,a overwrite pause', operands: [2, 2], run: cp },
  diff: { flags: 'format= latest,l', operands: [1, 2], run: diff },
  build: { flags: buildFlags, operands: [0, 1], run: (session) => runBuild({ flags: session.flags, library: session.library, layers: true, prefix: '' }) },
}
