/** `systemctl edit`: a drop-in, or with --full a copy of the unit, in the user's editor. */
import { Errno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { callManager } from '#engine/linux/systemd/bus'
import type { SystemctlOptions } from './options'

const editors = ['editor', 'nano', 'vim', 'vi']

export async function editUnits(process: Process, names: readonly string[], options: SystemctlOptions): Promise<number> {
  let code = 0
  for (const name of names) code = (await edit(process, name, options)) || code
  await callManager(process, 'reload', {})
  return code
}

async function edit(process: Process, name: string, options: SystemctlOptions): Promise<number> {
  const [unit] = await callManager(process, 'show', { units: [name] })
  if (!unit || (unit.loadState === 'not-found' && !options.force)) {
    await process.stderr.write(`No files found for ${name}.\nRun 'systemctl edit --force --full ${name}' to create a new unit.\n`)
    return 1
  }
  const target = options.full ? `/etc/systemd/system/${name}` : `/etc/systemd/system/${name}.d/${(options.dropIn ?? 'override').replace(/\.conf$/, '')}.conf`
  const directory = target.slice(0, target.lastIndexOf('/'))
  process.files.mkdirAll(directory)
  const draft = `${directory}/.#${target.slice(directory.length + 1)}${process.random.suffix(16)}`
  const before = textOf(process, target)
  const original = textOf(process, unit.fragmentPath)
  const marker = '### Edits below this comment will be discarded'
  process.files.writeFile(draft, options.full ? before || original : `### Editing ${target}\n### Anything between here and the comment below will become the contents of the drop-in file\n\n${before}\n\n${marker}\n\n### ${unit.fragmentPath ?? ''}\n${original.replace(/^(?=.)/gm, '# ')}`)
  const code = await runEditor(process, draft)
  const after = process.files.readText(draft)
  process.files.unlink(draft)
  const text = options.full ? after : strip(after, marker)
  if (code !== 0) return code
  if (text.trim() === '') {
    await process.stderr.write(`Editing "${target}" canceled: temporary file is empty.\n`)
    return 1
  }
  process.files.writeFile(target, text)
  await process.stderr.write(`Successfully installed edited file '${target}'.\n`)
  return 0
}

function textOf(process: Process, path: string | undefined): string {
  return path !== undefined && process.files.exists(path) ? process.files.readText(path) : ''
}

function strip(text: string, marker: string): string {
  const end = text.indexOf(marker)
  const part = (end < 0 ? text : text.slice(0, end)).replace(/^###.*\n/gm, '')
  return part.trim() === '' ? '' : `${part.trim()}\n`
}

async function runEditor(process: Process, path: string): Promise<number> {
  const wanted = process.env.get('SYSTEMD_EDITOR') ?? process.env.get('EDITOR') ?? process.env.get('VISUAL')
  const commands = wanted === undefined ? editors.map((name) => [name]) : [wanted.split(/\s+/)]
  for (const [name = '', ...args] of commands) {
    const found = name.includes('/') ? name : ['/usr/bin', '/bin'].map((directory) => `${directory}/${name}`).find((each) => process.files.exists(each))
    if (found === undefined) continue
    try {
      const status = await process.spawn(found, [name, ...args, path]).wait()
      return status.kind === 'exited' ? status.code : 1
    } catch (error) {
      if (!(error instanceof Errno)) throw error
    }
  }
  await process.stderr.write('Cannot edit units, no editor available. Please set either $SYSTEMD_EDITOR, $EDITOR or $VISUAL.\n')
  return 1
}
