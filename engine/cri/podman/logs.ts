/** What a container has written, from its log file. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Library } from './library'
import type { ContainerRecord } from './model'

export interface LogLine { readonly time: string; readonly stream: 'stdout' | 'stderr'; readonly partial: boolean; readonly text: string }

export function logLines(library: Library, record: ContainerRecord): LogLine[] {
  const path = library.logPath(record.id)
  try {
    return library.files.readText(path).split('\n').filter((line) => line !== '').map(lineOf)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    throw error
  }
}

function lineOf(line: string): LogLine {
  const [time = '', stream = 'stdout', tag = 'F', ...text] = line.split(' ')
  return { time, stream: stream === 'stderr' ? 'stderr' : 'stdout', partial: tag === 'P', text: text.join(' ') }
}
