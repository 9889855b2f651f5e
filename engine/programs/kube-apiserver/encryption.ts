/** --encryption-provider-config. */
import { parseYaml } from '#engine/base/yaml/parser'
import { EncryptionConfigError, encryptionTransformers } from '#engine/apiserver/encryption/configuration'
import type { Transformer } from '#engine/apiserver/storage/codec'
import type { Process } from '#engine/linux/abi/process'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { readText, StartError } from './files'

export function encryptionOf(process: Process, flags: Flags): ((resource: string) => Transformer | undefined) | undefined {
  const path = flags.string('encryption-provider-config')
  if (path === '') return undefined
  const text = read(process, path)
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
