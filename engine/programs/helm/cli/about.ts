/** `helm version`, `env`, `plugin` and `completion`. */
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, string } from '#engine/programs/common/cobra/flags'
import { bashCompletionScript } from '#engine/programs/common/cobra/bash'
import { fishCompletionScript, powershellCompletionScript, zshCompletionScript } from '#engine/programs/common/cobra/shells'
import { HelmSession } from '../cluster/session'
import { atMost, noArguments } from './arguments'
import { isDebug, isTrue, pathsOf } from './globals'
import { cacheHome, configHome, dataHome } from './paths'
import { print } from './run'
import { fillTemplate } from './template'
import { textTable } from './output'

const build = { Version: 'v3.19.2', GitCommit: '8766e718a0119851f10ddbe4577593a45fadf544', GitTreeState: 'clean', GoVersion: 'go1.24.9' }

export const versionCommand: Command = {
  use: 'version', short: 'print the client version information', args: noArguments('version'), long: 'Shows which version of helm this is.',
  flags: [bool('short', 'print the version number'), string('template', 'template for version string format'), bool('client,c', '', { hidden: true })],
  async run(invocation) {
    const { flags } = invocation
    const template = flags.string('template')
    if (template !== '') return await print(invocation, fillTemplate(template, build))
    if (flags.bool('short')) return await print(invocation, `${build.Version}+g${build.GitCommit.slice(0, 7)}\n`)
    return await print(invocation, `version.BuildInfo{${Object.entries(build).map(([key, value]) => `${key}:"${value}"`).join(', ')}}\n`)
  },
}

function environment({ process, flags }: Invocation): Record<string, string> {
  const text = (name: string, variable: string): string => flags.string(name) || (process.env.get(variable) ?? '')
  const paths = pathsOf(process, flags)
  const number = (name: string, variable: string): string => (flags.changed(name) ? String(flags.number(name)) : (process.env.get(variable) ?? String(flags.number(name))))
  return {
    HELM_BIN: process.argv[0] ?? 'helm', HELM_BURST_LIMIT: number('burst-limit', 'HELM_BURST_LIMIT'), HELM_CACHE_HOME: cacheHome(process), HELM_CONFIG_HOME: configHome(process), HELM_DATA_HOME: dataHome(process),
    HELM_DEBUG: String(isDebug(process, flags)), HELM_KUBEAPISERVER: text('kube-apiserver', 'HELM_KUBEAPISERVER'), HELM_KUBEASGROUPS: flags.list('kube-as-group').join(',') || (process.env.get('HELM_KUBEASGROUPS') ?? ''), HELM_KUBEASUSER: text('kube-as-user', 'HELM_KUBEASUSER'),
    HELM_KUBECAFILE: text('kube-ca-file', 'HELM_KUBECAFILE'), HELM_KUBECONTEXT: text('kube-context', 'HELM_KUBECONTEXT'), HELM_KUBEINSECURE_SKIP_TLS_VERIFY: String(flags.bool('kube-insecure-skip-tls-verify') || isTrue(process.env.get('HELM_KUBEINSECURE_SKIP_TLS_VERIFY'))),
    HELM_KUBETLS_SERVER_NAME: text('kube-tls-server-name', 'HELM_KUBETLS_SERVER_NAME'), HELM_KUBETOKEN: text('kube-token', 'HELM_KUBETOKEN'), HELM_MAX_HISTORY: process.env.get('HELM_MAX_HISTORY') ?? '10', HELM_NAMESPACE: new HelmSession({ process, flags }).namespace,
    HELM_PLUGINS: process.env.get('HELM_PLUGINS') ?? `${dataHome(process)}/plugins`, HELM_QPS: Number(number('qps', 'HELM_QPS')).toFixed(2), HELM_REGISTRY_CONFIG: paths.registryConfig, HELM_REPOSITORY_CACHE: paths.repositoryCache, HELM_REPOSITORY_CONFIG: paths.repositoryConfig,
  }
}

export const envCommand: Command = {
  use: 'env', short: 'helm client environment information', args: atMost('env', 1), long: 'Shows the variables that helm goes by, or one of them.',
  complete: (invocation, toComplete) => ({ candidates: invocation.args.length > 0 ? [] : Object.keys(environment(invocation)).filter((name) => name.startsWith(toComplete)) }),
  async run(invocation) {
    const all = environment(invocation)
    const [name] = invocation.args
    if (name !== undefined) return await print(invocation, `${all[name] ?? ''}\n`)
    return await print(invocation, Object.entries(all).map(([key, value]) => `${key}="${value}"\n`).join(''))
  },
}

const noPlugins = async (): Promise<number> => await Promise.reject(new Error('plugins are not simulated'))

export const pluginCommand: Command = {
  use: 'plugin', short: 'install, list, or uninstall Helm plugins', long: 'Plugins are programs that add commands to helm.',
  commands: [
    { use: 'install [options] <path|url>', aliases: ['add'], short: 'install a Helm plugin', run: noPlugins },
    { use: 'list', aliases: ['ls'], short: 'list installed Helm plugins', run: async (invocation) => await print(invocation, textTable([['NAME', 'VERSION', 'DESCRIPTION']])) },
    { use: 'uninstall <plugin>...', aliases: ['rm', 'remove'], short: 'uninstall one or more Helm plugins', run: async ({ args }) => await Promise.reject(new Error(args.length === 0 ? 'please provide plugin name to uninstall' : `Plugin: ${args[0] as string} not found`)) },
    { use: 'update <plugin>...', aliases: ['up'], short: 'update one or more Helm plugins', run: async ({ args }) => await Promise.reject(new Error(args.length === 0 ? 'please provide plugin name to update' : `Plugin: ${args[0] as string} not found`)) },
  ],
}

const scripts: Readonly<Record<string, (program: string) => string>> = { bash: bashCompletionScript, fish: fishCompletionScript, powershell: powershellCompletionScript, zsh: zshCompletionScript }

export const completionCommand: Command = {
  use: 'completion', short: 'generate autocompletion scripts for the specified shell', long: 'Writes a script that gives a shell completion for helm: source it, or put it where the shell looks for such scripts.',
  commands: Object.entries(scripts).map(([shell, script]): Command => ({
    use: shell, short: `generate autocompletion script for ${shell}`, args: noArguments(shell), flags: [bool('no-descriptions', 'disable completion descriptions')],
    run: async (invocation) => await print(invocation, script('helm')),
  })),
}
