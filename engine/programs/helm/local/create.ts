/** `helm create`: a chart to begin with. */
import type { Process } from '#engine/linux/abi/process'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { string } from '#engine/programs/common/cobra/flags'
import { scaffold } from '#engine/programs/helm/chart/data/scaffold'
import { basePath, directoryOf, fileError, joinPath } from '#engine/programs/helm/chart/paths'
import { exactly } from '../cli/arguments'

const use = 'create NAME'

export const createCommand: Command = {
  use, short: 'create a new chart with the given name', args: exactly(use, 1), flags: [string('starter,p', 'the name or absolute path to Helm starter scaffold')],
  long: 'Lays down the directories and files of a chart: Chart.yaml, values.yaml, templates/, charts/. Files that are there are written over.', complete: () => ({ candidates: [], files: true }),
  run: create,
}

async function create({ process, args, flags }: Invocation): Promise<number> {
  const given = args[0] as string
  await process.stdout.write(`Creating ${given}\n`)
  if (flags.string('starter') !== '') throw new Error('starters are not simulated: create the chart without one')
  const name = basePath(given)
  if (name.length > 250) throw new Error('chart name must be 250 characters or less')
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) throw new Error('chart name must match the regular expression "^[a-zA-Z0-9._-]+$"')
  const parent = joinPath(given.startsWith('/') ? '' : process.cwd(), directoryOf(given))
  checkParent(process, parent)
  await lay(process, joinPath(parent, name), name)
  return 0
}

function checkParent({ files }: Process, path: string): void {
  try {
    if (files.stat(path).type === 'directory') return
  } catch (error) {
    throw fileError('stat', path, error)
  }
  throw new Error(`no such directory ${path}`)
}

async function lay({ files, stderr }: Process, directory: string, name: string): Promise<void> {
  const found = files.exists(directory)
  if (found && found.type !== 'directory') throw new Error(`file ${directory} already exists and is not a directory`)
  for (const [file, text] of scaffold) {
    const path = `${directory}/${file}`
    if (files.exists(path)) await stderr.write(`WARNING: File ${JSON.stringify(path)} already exists. Overwriting.\n`)
    files.mkdirAll(directoryOf(path), 0o755)
    files.writeFile(path, text.replaceAll('<CHARTNAME>', name), 0o644)
  }
  files.mkdirAll(`${directory}/charts`, 0o755)
}
