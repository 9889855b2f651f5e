/** Names the server knows. Whatever fails means: no candidates. */
import type { Pod } from '#engine/api/kinds'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Mapping } from '#engine/programs/common/kube/discovery'
import { pods, type Session } from '#engine/programs/kubectl/session/session'
import { byLogging, objectOf, podOf } from '../pods'

/** All types that can be read, the core group first. */
export async function typeNames(session: Session): Promise<string[]> {
  return await orNone(async () => {
    const readable = (await session.discovery()).preferred().filter((mapping) => mapping.verbs.includes('get'))
    return readable.sort((a, b) => compare(a.group, b.group) || compare(a.resource, b.resource)).map(typeName)
  })
}

function typeName({ group, resource }: Mapping): string {
  return group === '' ? resource : `${resource}.${group}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The names of all objects of a type, of several with commas between, or of a category. */
export async function objectNames(session: Session, types: string): Promise<string[]> {
  return await orNone(async () => {
    const built = await build(session, { args: [types], allowEmptySelector: true })
    return (await built.infos()).infos.map((info) => info.name)
  })
}

/** The containers of a pod, or of the first pod of what a word like `deploy/web` names; those that prepare it first. */
export async function containerNames(session: Session, word: string): Promise<string[]> {
  return await orNone(async () => {
    const pod = word.includes('/') ? (await podOf(session, await objectOf(session, [word]), 0, byLogging)).pod : await session.get<Pod>(pods, session.namespace, word)
    return [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map((container) => container.name)
  })
}

async function orNone(names: () => Promise<string[]>): Promise<string[]> {
  try {
    return await names()
  } catch (error) {
    if (error instanceof Error && error.name === 'ProcessKilled') throw error
    return []
  }
}
