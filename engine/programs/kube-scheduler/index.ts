import type { Program } from '#engine/linux/abi/program'
import { kubeScheduler } from './kube-scheduler'

export const schedulerPrograms: readonly Program[] = [kubeScheduler]
