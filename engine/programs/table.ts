/** Every executable there is, by the name that stubs on disk use. One line an area; each area lists its own. */
import type { Program } from '#engine/linux/abi/program'
import { archivePrograms } from './archive/index'
import { bashPrograms } from './bash/index'
import { buildahPrograms } from './buildah/index'
import { conmonPrograms } from './conmon/index'
import { containerdPrograms } from './containerd/index'
import { coreutilsPrograms } from './coreutils/index'
import { crictlPrograms } from './crictl/index'
import { ctrPrograms } from './ctr/index'
import { dockerPrograms } from './docker/index'
import { editorPrograms } from './editors/index'
import { etcd } from './etcd/etcd'
import { etcdctlPrograms } from './etcdctl/index'
import { helmPrograms } from './helm/index'
import { kubeApiserver } from './kube-apiserver/index'
import { controllerManagerPrograms } from './kube-controller-manager/index'
import { schedulerPrograms } from './kube-scheduler/index'
import { kubeadmPrograms } from './kubeadm/index'
import { kubectlPrograms } from './kubectl/index'
import { kubeletPrograms } from './kubelet/index'
import { metricsServerPrograms } from './metrics-server/index'
import { nerdctlPrograms } from './nerdctl/index'
import { networkPrograms } from './network/index'
import { podmanPrograms } from './podman/index'
import { runcPrograms } from './runc/index'
import { skopeoPrograms } from './skopeo/index'
import { systemPrograms } from './system/index'
import { textPrograms } from './text/index'

const areas: readonly (readonly Program[])[] = [
  bashPrograms, coreutilsPrograms, textPrograms, editorPrograms, archivePrograms, systemPrograms, networkPrograms,
  [etcd, kubeApiserver], etcdctlPrograms, controllerManagerPrograms, schedulerPrograms, metricsServerPrograms,
  containerdPrograms, crictlPrograms, ctrPrograms, nerdctlPrograms, runcPrograms, conmonPrograms, podmanPrograms, buildahPrograms, skopeoPrograms, dockerPrograms, kubeletPrograms, kubeadmPrograms, kubectlPrograms, helmPrograms,
]

export const programTable: ReadonlyMap<string, Program> = new Map(areas.flat().map((program) => [program.name, program]))
