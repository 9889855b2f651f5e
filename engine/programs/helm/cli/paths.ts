/** Where helm keeps its files: HELM_* variables, then XDG's, then the home. */
import type { Process } from '#engine/linux/abi/process'

function base(process: Process, own: string, xdg: string, below: string): string {
  const { env } = process
  const given = env.get(own)
  if (given) return given
  return `${env.get(xdg) || `${env.get('HOME') ?? ''}/${below}`}/helm`
}

export const cacheHome = (process: Process): string => base(process, 'HELM_CACHE_HOME', 'XDG_CACHE_HOME', '.cache')
export const configHome = (process: Process): string => base(process, 'HELM_CONFIG_HOME', 'XDG_CONFIG_HOME', '.config')
export const dataHome = (process: Process): string => base(process, 'HELM_DATA_HOME', 'XDG_DATA_HOME', '.local/share')

/** What the flags and variables say of files; defaults are the homes'. */
export interface HelmPaths {
  readonly registryConfig: string
  readonly repositoryCache: string
  readonly repositoryConfig: string
}

export function helmPaths(process: Process, given: Partial<HelmPaths> = {}): HelmPaths {
  const { env } = process
  return {
    registryConfig: given.registryConfig || env.get('HELM_REGISTRY_CONFIG') || `${configHome(process)}/registry/config.json`,
    repositoryCache: given.repositoryCache || env.get('HELM_REPOSITORY_CACHE') || `${cacheHome(process)}/repository`,
    repositoryConfig: given.repositoryConfig || env.get('HELM_REPOSITORY_CONFIG') || `${configHome(process)}/repositories.yaml`,
  }
}
