import type { Program } from '#engine/linux/abi/program'
import { kubeControllerManager } from './kube-controller-manager'

export const controllerManagerPrograms: readonly Program[] = [kubeControllerManager]
