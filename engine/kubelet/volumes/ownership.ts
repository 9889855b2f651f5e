/** fsGroup: the group owns a volume's files, and new ones inherit it. */
import type { Pod } from '#engine/api/kinds'
import type { Files } from '#engine/linux/abi/files'

const maxEntries = 10_000

export function ownerships(files: Files, path: string, pod: Pod): void {
  const group = pod.spec?.securityContext?.fsGroup
  if (group === undefined || group === null) return
  const top = files.stat(path)
  if (pod.spec?.securityContext?.fsGroupChangePolicy === 'OnRootMismatch' && top.gid === group && (top.mode & 0o2000) !== 0) return
  let budget = maxEntries
  const walk = (at: string): void => {
    if (budget-- <= 0) return
    const stat = files.lstat(at)
    if (stat.type === 'symlink') return files.chown(at, stat.uid, group, { noFollow: true })
    files.chown(at, stat.uid, group)
    files.chmod(at, stat.type === 'directory' ? stat.mode | 0o2070 : stat.mode | 0o060)
    if (stat.type === 'directory') for (const entry of files.readDirectory(at)) walk(`${at}/${entry.name}`)
  }
  walk(path)
}
