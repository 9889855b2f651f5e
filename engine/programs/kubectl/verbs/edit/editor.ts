/** The user's editor on a temporary file. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { findExecutable } from '#engine/programs/kubectl/plugins'
import { CliError } from '#engine/programs/kubectl/session/errors'

const fallbackEditor = 'vi'

/** Words of the command to run before the file's name; one text for a shell where quotes are in it. */
interface Editor {
  readonly args: readonly string[]
  readonly shell: boolean
}

export function editorOf(process: Process): Editor {
  const text = process.env.get('KUBE_EDITOR') || process.env.get('EDITOR') || fallbackEditor
  if (!text.includes(' ')) return { args: [text], shell: false }
  if (!/["'\\]/.test(text)) return { args: text.split(' '), shell: false }
  return { args: [process.env.get('SHELL') || '/bin/bash', '-c', text], shell: true }
}

/** What was saved, and where. Throws where the editor fails; the file stays. */
export async function editText(process: Process, suffix: string, text: string): Promise<{ text: string; path: string }> {
  const path = temporaryFile(process, suffix)
  process.files.writeFile(path, text, 0o600)
  await launch(process, editorOf(process), path)
  return { text: process.files.readText(path), path }
}

function temporaryFile(process: Process, suffix: string): string {
  const directory = (process.env.get('TMPDIR') || '/tmp').replace(/\/$/, '')
  for (;;) {
    const path = `${directory}/kubectl-edit-${1_000_000 + process.random.integer(4_290_000_000)}${suffix}`
    if (!process.files.exists(path)) return path
  }
}

async function launch(process: Process, editor: Editor, path: string): Promise<void> {
  const words = editor.shell ? [...editor.args.slice(0, -1), `${editor.args.at(-1) ?? ''} ${JSON.stringify(path)}`] : [...editor.args, path]
  const [command = ''] = words
  const program = command.includes('/') ? command : findExecutable(process, command)
  if (program === undefined) throw new CliError(`unable to launch the editor ${JSON.stringify(editor.args.join(' '))}`)
  let code: number
  try {
    code = exitCodeOf(await process.spawn(program, words).wait())
  } catch (error) {
    if (!isErrno(error)) throw error
    code = 1
  }
  if (code !== 0) throw new CliError(`there was a problem with the editor ${JSON.stringify(editor.args.join(' '))}`)
}
