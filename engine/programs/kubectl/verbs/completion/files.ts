/** Completes the first end of a copy: `NAMESPACE/`, `POD:`, or a local file. */
import type { Completion } from '#engine/programs/common/cobra/command'
import { Session } from '#engine/programs/kubectl/session/session'
import { objectNames } from './names'
import { startingWith } from './resources'

export async function completeCopy(session: Session, toComplete: string): Promise<Completion> {
  return { candidates: session.args.length > 0 ? [] : await sources(session, toComplete), files: true, noSpace: true }
}

async function sources(session: Session, toComplete: string): Promise<string[]> {
  if (/^[./]/.test(toComplete) || toComplete.includes(':')) return []
  const slash = toComplete.indexOf('/')
  if (slash >= 0) return startingWith(toComplete, (await podsOf(session, toComplete.slice(0, slash))).map((name) => `${toComplete.slice(0, slash)}/${name}:`))
  const namespaces = startingWith(toComplete, (await objectNames(session, 'namespaces')).map((name) => `${name}/`))
  const pods = startingWith(toComplete, (await objectNames(session, 'pods')).map((name) => `${name}:`))
  return [...namespaces, ...pods, ...(toComplete === '' ? ['./', '/'] : [])]
}

async function podsOf(session: Session, namespace: string): Promise<string[]> {
  session.flags.set('namespace', namespace)
  return await objectNames(new Session(session.invocation), 'pods')
}
