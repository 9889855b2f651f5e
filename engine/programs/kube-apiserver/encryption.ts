/** --encryption-provider-config. */
import { parseYaml } from '#engine/base/yaml/parser'
import { EncryptionConfigError, encryptionTransformers } from '#engine/apiserver/encryption/configuration'
import { ReloadableTransformers, type Transformers } from '#engine/apiserver/encryption/reload'
import type { Klog } from '#engine/base/klog'
import type { Process } from '#engine/linux/abi/process'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { readText, StartError } from './files'

/** How often the file is looked at, as the real one does. */
const pollMs = 60_000

export function encryptionOf(process: Process, flags: Flags, klog: Klog): Transformers | undefined {
  const path = flags.string('encryption-provider-config')
  if (path === '') return undefined
  const text = read(process, path)
  const first = transformersOf(process, path, text)
  if (!flags.bool('encryption-provider-config-automatic-reload')) return first
  const reloadable = new ReloadableTransformers(first)
  follow(process, path, text, reloadable, klog)
  return reloadable.of
}

/** A file that has become wrong changes nothing. */
function follow(process: Process, path: string, known: string, reloadable: ReloadableTransformers, klog: Klog): void {
  let last = known
  const look = (): void => {
    if (process.dying.aborted) return
    try {
      const text = read(process, path)
      if (text !== last) {
        reloadable.replace(transformersOf(process, path, text))
        last = text
        klog.info('controller.go:221', 'encryption config reloaded successfully')
      }
    } catch (error) {
      if (!(error instanceof StartError)) throw error
      klog.error('controller.go:167', error.message, 'failed to process changed encryption config file')
    }
    process.clock.after(pollMs, look)
  }
  process.clock.after(pollMs, look)
}

function transformersOf(process: Process, path: string, text: string): Transformers {
  try {
    return encryptionTransformers(parseYaml(text), process.random)
  } catch (error) {
    if (error instanceof EncryptionConfigError) throw new StartError(`error while parsing file: ${error.message}`)
    throw new StartError(`error while parsing file: error decoding encryption provider configuration file ${JSON.stringify(path)}: ${(error as Error).message}`)
  }
}

function read(process: Process, path: string): string {
  try {
    return readText(process, path)
  } catch (error) {
    if (error instanceof StartError) throw new StartError(`error while parsing file: error opening encryption provider configuration file ${JSON.stringify(path)}: ${error.message}`)
    throw error
  }
}
