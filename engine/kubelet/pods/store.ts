/** The pods this kubelet is to run, from its sources, and the mirrors of static ones. */
import type { Pod } from '#engine/api/kinds'
import { fullName, isMirror, isStatic, uidOf } from './names'

export class PodStore {
  private readonly byUid = new Map<string, Pod>()
  private readonly mirrors = new Map<string, Pod>()

  set(pod: Pod): void {
    if (isMirror(pod)) this.mirrors.set(fullName(pod), pod)
    else this.byUid.set(uidOf(pod), pod)
  }

  remove(pod: Pod): void {
    if (isMirror(pod)) {
      if (this.mirrors.get(fullName(pod))?.metadata.uid === pod.metadata.uid) this.mirrors.delete(fullName(pod))
    } else this.byUid.delete(uidOf(pod))
  }

  get(uid: string): Pod | undefined {
    return this.byUid.get(uid)
  }

  mirrorOf(pod: Pod): Pod | undefined {
    return this.mirrors.get(fullName(pod))
  }

  /** The pod a mirror stands for. */
  staticOf(mirror: Pod): Pod | undefined {
    const name = fullName(mirror)
    for (const pod of this.byUid.values()) if (isStatic(pod) && fullName(pod) === name) return pod
    return undefined
  }

  find(namespace: string, name: string): Pod | undefined {
    for (const pod of this.byUid.values()) if (pod.metadata.name === name && pod.metadata.namespace === namespace) return pod
    return undefined
  }

  all(): Pod[] {
    return [...this.byUid.values()]
  }

  allMirrors(): Pod[] {
    return [...this.mirrors.values()]
  }

  /** What the API holds for a pod. */
  apiPod(pod: Pod): Pod | undefined {
    return isStatic(pod) ? this.mirrorOf(pod) : this.byUid.get(uidOf(pod))
  }
}
