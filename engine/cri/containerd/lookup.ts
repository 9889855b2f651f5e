/** Programs as exec.LookPath finds them: the first executable file of that name in PATH. */
import type { Process } from '#engine/linux/abi/process'

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export function lookUp(process: Process, program: string): string | undefined {
  if (program.includes('/')) return isProgram(process, program) ? program : undefined
  return (process.env.get('PATH') ?? usualPath).split(':').map((directory) => `${directory}/${program}`).find((path) => isProgram(process, path))
}

function isProgram({ files }: Process, path: string): boolean {
  const stat = files.exists(path)
  return stat?.type === 'file' && (stat.mode & 0o111) !== 0
}
