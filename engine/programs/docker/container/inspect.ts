/** `docker inspect` of anything, and of one kind. */
import { bool, type Flag, string } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { type Api, DockerFailure } from '../kit/api'
import { type Context, leaf } from '../kit/command'
import { documentText, indented } from '../kit/format'

const formatFlag = string('format,f', "Format output using a custom template:\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates")

type Kind = 'container' | 'image' | 'network' | 'volume'
const paths: Readonly<Record<Kind, (name: string) => string>> = {
  container: (name) => `/containers/${encodeURIComponent(name)}/json`, image: (name) => `/images/${name}/json`, network: (name) => `/networks/${encodeURIComponent(name)}`, volume: (name) => `/volumes/${encodeURIComponent(name)}`,
}

export const inspectCommand: Command = leaf({
  use: 'inspect [OPTIONS] NAME|ID [NAME|ID...]', short: 'Return low-level information on Docker objects', args: { atLeast: 1 }, flags: [formatFlag, bool('size,s', 'Display total file sizes if the type is container'), string('type', 'Only inspect objects of the given type')],
  run(context) {
    const type = context.flags.string('type')
    if (context.flags.changed('type') && !['container', 'image', 'network', 'volume'].includes(type)) throw new DockerFailure(type === '' ? 'type is empty: must be one of "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"' : `unknown type: ${JSON.stringify(type)}: must be one of "config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"`)
    return type === '' ? inspectAll(context, (name) => anything(context, name)) : inspectAll(context, (name) => one(context.api, type as Kind, name, context.flags.bool('size')))
  },
})

export function inspectOf(kind: Kind, use: string, short: string, flags: readonly Flag[] = []): Command {
  return leaf({ use, short, args: { atLeast: 1 }, flags: [formatFlag, ...flags], run: (context) => inspectAll(context, (name) => one(context.api, kind, name, context.flags.has('size') && context.flags.bool('size'))) })
}

function one(api: Api, kind: Kind, name: string, size: boolean): Promise<unknown> {
  return api.get(paths[kind](name), size && kind === 'container' ? { size } : {})
}

async function anything({ api, flags }: Context, name: string): Promise<unknown> {
  for (const kind of ['container', 'image', 'network', 'volume'] as const) {
    try {
      return await one(api, kind, name, flags.bool('size'))
    } catch (error) {
      if (!(error instanceof DockerFailure) || error.status !== 404) throw error
    }
  }
  throw new DockerFailure(`Error: No such object: ${name}`)
}

/** What was found is printed, then what was not. */
async function inspectAll({ args, flags, process }: Context, find: (name: string) => Promise<unknown>): Promise<number> {
  const found: unknown[] = []
  const failures: string[] = []
  for (const name of args) {
    try {
      found.push(await find(name))
    } catch (error) {
      if (!(error instanceof DockerFailure) || error.status === 0 && !error.message.startsWith('Error: No such object')) throw error
      failures.push(error.message)
    }
  }
  await printDocuments(process, found, flags.string('format'))
  if (failures.length > 0) throw new DockerFailure(failures.join('\n'))
  return 0
}

async function printDocuments(process: Context['process'], found: readonly unknown[], format: string): Promise<void> {
  if (format === '') return process.stdout.write(indented(found))
  if (format === 'json') return process.stdout.write(`${JSON.stringify(found)}\n`)
  try {
    await process.stdout.write(found.length === 0 ? '\n' : found.map((document) => `${documentText(document, format)}\n`).join(''))
  } catch (error) {
    if (!(error instanceof DockerFailure)) throw error
    if (error.exitCode !== 64) await process.stdout.write('\n')
    throw error
  }
}
