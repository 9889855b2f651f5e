import type { Process } from '#engine/linux/abi/process'

export function buildKustomization(_process: Process, _path: string): string {
  throw new Error('kustomize is not supported here yet')
}
