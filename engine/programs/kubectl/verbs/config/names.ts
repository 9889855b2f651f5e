import type { Completion } from '#engine/programs/common/cobra/command'
import type { Session } from '#engine/programs/kubectl/session/session'
import { ConfigStore, type Section } from './store'

/** Completes the first argument with the names of a section. */
export function completeNames(section: Section): (session: Session, toComplete: string) => Completion {
  return (session, toComplete) => ({ candidates: session.args.length > 0 ? [] : [...new ConfigStore(session).load()[section].keys()].filter((name) => name.startsWith(toComplete)).sort() })
}
