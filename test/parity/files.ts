/** The files of a node, one a line as `find -printf '%M %u %g %10s %p'` prints them, with what differs between any two clusters taken out. */

export interface FileFact {
  readonly path: string
  /** `-rw-r--r-- root root`. */
  readonly access: string
  readonly size: number
}

const line = /^(\S+) (\S+) (\S+) +(\d+) (\/.*)$/

export function fileFacts(text: string): Map<string, FileFact> {
  const out = new Map<string, FileFact>()
  for (const row of text.split('\n')) {
    const match = line.exec(row)
    if (!match) continue
    const [, mode = '', user = '', group = '', size = '0', rest = ''] = match
    const path = general(mode.startsWith('l') ? linkName(rest) : rest.trim())
    out.set(path, { path, access: `${mode} ${user} ${group}`, size: Number(size) })
  }
  return out
}

/** A link's target follows its name, with or without a blank: the name ends where an absolute path begins anew. */
function linkName(rest: string): string {
  const again = rest.slice(1).search(/ ?\/var\//)
  const second = rest.startsWith('/var/') ? rest.slice(5).search(/ ?\/var\//) + 5 : again + 1
  return rest.slice(0, second)
}

/** Uids, container ids, hashes and dates become letters. */
function general(path: string): string {
  return path
    .replace(/\d{4}(-\d{2}){5}/g, 'DATE')
    .replace(/_[0-9a-f]{32}|_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '_UID')
    .replace(/-[0-9a-f]{64}/g, '-ID')
    .replace(/\b[0-9a-f]{64}\b/g, 'ID')
    .replace(/(coredns|metrics-server)-[0-9a-f]{8,10}-[a-z0-9]{5}/g, '$1-HASH')
    .replace(/kube-proxy-[a-z0-9]{5}/g, 'kube-proxy-HASH')
    .replace(/snapshots\/\d+/g, 'snapshots/N')
    .replace(/\/\d+\.log$/, '/N.log')
}
