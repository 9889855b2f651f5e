/** How verbs complete their arguments. */
import type { Completion } from '#engine/programs/common/cobra/command'
import type { Session } from '#engine/programs/kubectl/session/session'
import { containerNames, objectNames, typeNames } from './names'

export type SessionCompleter = (session: Session, toComplete: string) => Promise<Completion>

/** TYPE NAME ... or TYPE/NAME ..., of any type. */
export const completeResources: SessionCompleter = (session, toComplete) => typesAndNames(session, toComplete, () => typeNames(session))

/** TYPE NAME ... or TYPE/NAME ..., the types given. */
export function completeTypes(...types: readonly string[]): SessionCompleter {
  return (session, toComplete) => typesAndNames(session, toComplete, () => Promise.resolve(types))
}

/** The same, up to one object. */
export function completeTypesOnce(...types: readonly string[]): SessionCompleter {
  const complete = completeTypes(...types)
  return (session, toComplete) => (isFull(session) ? none : complete(session, toComplete))
}

/** The name of one object of a type. */
export function completeName(type: string): SessionCompleter {
  return async (session, toComplete) => (session.args.length > 0 ? await none : { candidates: startingWith(toComplete, await objectNames(session, type)) })
}

const withPods = ['daemonsets', 'deployments', 'pods', 'jobs', 'replicasets', 'replicationcontrollers', 'services', 'statefulsets']

/** A pod, or something that has pods. */
export const completePod: SessionCompleter = async (session, toComplete) => {
  if (session.args.length > 0) return await none
  if (toComplete.includes('/')) return await slashed(session, toComplete)
  const names = startingWith(toComplete, await objectNames(session, 'pods'))
  return { candidates: [...names, ...startingWith(toComplete, withPods.map((type) => `${type}/`))], noSpace: names.length === 0 }
}

/** A pod and then one of its containers. */
export const completePodAndContainer: SessionCompleter = async (session, toComplete) => {
  if (session.args.length > 1) return await none
  return session.args.length === 0 ? await completePod(session, toComplete) : await completeContainer(session, toComplete)
}

export const completeContainer: SessionCompleter = async (session, toComplete) => {
  const [word] = session.args
  return word === undefined ? await none : { candidates: startingWith(toComplete, await containerNames(session, word)) }
}

const none: Promise<Completion> = Promise.resolve({ candidates: [] })

export function startingWith(toComplete: string, candidates: readonly string[]): string[] {
  return candidates.filter((candidate) => candidate.startsWith(toComplete))
}

function isFull({ args }: Session): boolean {
  return args.length > 1 || args[0]?.includes('/') === true
}

async function typesAndNames(session: Session, toComplete: string, types: () => Promise<readonly string[]>): Promise<Completion> {
  const [type, ...taken] = session.args
  if (type !== undefined && !type.includes('/')) return { candidates: startingWith(toComplete, await objectNames(session, type)).filter((name) => !taken.includes(name)) }
  if (toComplete.includes('/')) return await slashed(session, toComplete)
  if (type !== undefined) return { candidates: startingWith(toComplete, (await types()).map((word) => `${word}/`)), noSpace: true }
  const head = toComplete.slice(0, toComplete.lastIndexOf(',') + 1)
  return { candidates: startingWith(toComplete.slice(head.length), await types()).map((word) => head + word) }
}

/** `deploy/w`: objects of the type that are not yet named. */
async function slashed(session: Session, toComplete: string): Promise<Completion> {
  const type = toComplete.slice(0, toComplete.indexOf('/'))
  const words = (await objectNames(session, type)).map((name) => `${type}/${name}`)
  return { candidates: startingWith(toComplete, words).filter((word) => !session.args.includes(word)) }
}
