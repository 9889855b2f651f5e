/** Every executable there is, by the name that stubs on disk use. One line an area; each area lists its own. */
import type { Program } from '#engine/linux/abi/program'
import { kubeadmPrograms } from './kubeadm/index'
import { etcd } from './etcd/etcd'
import { etcdctlPrograms } from './etcdctl/index'

const areas: readonly (readonly Program[])[] = [kubeadmPrograms, [etcd], etcdctlPrograms]

export const programTable: ReadonlyMap<string, Program> = new Map(areas.flat().map((program) => [program.name, program]))
