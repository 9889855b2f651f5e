/** Subresources that are more than a view: what answers them, by `group/resource/subresource`. */
import type { Action } from './action'
import { binding } from './binding'
import { eviction } from './eviction'
import { finalize } from './finalize'
import { log } from './log'
import { nodeProxy, podProxy, serviceProxy } from './proxy'
import { attach, exec, portForward } from './streams'
import { token } from './token'

export const actions: Readonly<Record<string, Action>> = {
  '/pods/log': log,
  '/pods/exec': exec,
  '/pods/attach': attach,
  '/pods/portforward': portForward,
  '/pods/proxy': podProxy,
  '/services/proxy': serviceProxy,
  '/nodes/proxy': nodeProxy,
  '/pods/binding': binding,
  '/pods/eviction': eviction,
  '/namespaces/finalize': finalize,
  '/serviceaccounts/token': token,
}
