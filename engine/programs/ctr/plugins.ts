/** `ctr plugins`: what containerd has started of itself. */
import type { PluginStatus } from '#engine/cri/containerd/summaries'
import { CtrError, isQuiet, print, rows, type Context, type Run } from './session'

async function list(context: Context): Promise<number> {
  if (context.flags.has('d') || context.flags.has('detailed')) throw new CtrError('plugins list --detailed is not supported by this ctr')
  const { plugins } = await context.call<{ plugins: PluginStatus[] }>('Plugins')
  const found = plugins.filter((plugin) => context.operands.every((filter) => matches(plugin, filter)))
  if (isQuiet(context)) return print(context, found.map((plugin) => `${plugin.id}\n`).join(''))
  return print(context, rows([['TYPE', 'ID', 'PLATFORMS', 'STATUS'], ...found.map((plugin) => [plugin.type, plugin.id, plugin.platform || '-', plugin.status])], 4, 4))
}

/** `id==cri`, `type~=snapshotter`, and several of them joined by commas. */
function matches(plugin: PluginStatus, filter: string): boolean {
  return filter.split(',').every((term) => {
    const [, field = '', operator, value = ''] = /^(id|type)(==|!=|~=)"?([^"]*)"?$/.exec(term) ?? []
    if (operator === undefined) throw new CtrError(`parse error: [${filter} >||||<]: unsupported filter: invalid argument`)
    const actual = field === 'id' ? plugin.id : plugin.type
    if (operator === '~=') return new RegExp(value).test(actual)
    return (actual === value) === (operator === '==')
  })
}

export const pluginCommands: Readonly<Record<string, Run>> = { ls: list, list }
