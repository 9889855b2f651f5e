/** Candidates for the global flags. */
import type { Completer } from '#engine/programs/common/cobra/command'
import { loadKubeconfig } from '#engine/programs/common/kube/config'
import { Session } from '#engine/programs/kubectl/session/session'
import { objectNames } from './names'
import { startingWith } from './resources'

function section(name: 'clusters' | 'contexts' | 'users'): Completer {
  return ({ process, flags }, toComplete) => ({ candidates: startingWith(toComplete, entries(() => loadKubeconfig(process, flags.string('kubeconfig')).merged[name].map((entry) => entry.name))) })
}

function entries(names: () => readonly string[]): string[] {
  try {
    return [...names()].sort()
  } catch {
    return []
  }
}

export const globalCompleters: Readonly<Record<string, Completer>> = {
  namespace: async (invocation, toComplete) => ({ candidates: startingWith(toComplete, await objectNames(new Session(invocation), 'namespaces')) }),
  context: section('contexts'),
  cluster: section('clusters'),
  user: section('users'),
}
