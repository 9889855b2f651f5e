/** Candidates for the tab key: resource types, and names the server knows. */
import type { Completion } from '#engine/programs/common/cobra/command'
import { resourcePath, type Session } from '#engine/programs/kubectl/session/session'

export async function completeResources(session: Session, toComplete: string, fixedType?: string): Promise<Completion> {
  try {
    const type = fixedType ?? session.args[0]
    if (fixedType === undefined && toComplete.includes('/')) {
      const [word = ''] = toComplete.split('/')
      return { candidates: (await names(session, word)).map((name) => `${word}/${name}`) }
    }
    if (type === undefined) return { candidates: await types(session) }
    const taken = fixedType === undefined ? session.args.slice(1) : session.args
    return { candidates: (await names(session, type)).filter((name) => !taken.includes(name)) }
  } catch {
    return { candidates: [] }
  }
}

export async function completeNames(session: Session, type: string): Promise<readonly string[]> {
  try {
    return await names(session, type)
  } catch {
    return []
  }
}

export async function completeResourceTypes(session: Session): Promise<Completion> {
  try {
    return { candidates: session.args.length > 0 ? [] : await types(session) }
  } catch {
    return { candidates: [] }
  }
}

async function types(session: Session): Promise<string[]> {
  const discovery = await session.discovery(0)
  return [...new Set(discovery.preferred().filter((mapping) => mapping.verbs.includes('get')).map((mapping) => (mapping.group === '' || mapping.group === 'apps' || mapping.group === 'batch' ? mapping.resource + (mapping.group === '' ? '' : `.${mapping.group}`) : `${mapping.resource}.${mapping.group}`)))].sort()
}

async function names(session: Session, type: string): Promise<string[]> {
  const mapping = (await session.discovery(0)).find(type)
  if (!mapping) return []
  const all = session.flags.has('all-namespaces') && session.flags.bool('all-namespaces')
  const list = await session.request<{ items?: { metadata: { name?: string } }[] }>('GET', resourcePath(mapping, all ? '' : session.namespace))
  return (list.items ?? []).map((item) => item.metadata.name ?? '').sort()
}
