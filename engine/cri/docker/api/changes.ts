/** `--change` of commit and import: instructions of a Dockerfile that set the configuration. */
import { DockerfileError, readLines } from '#engine/cri/build/dockerfile/lines'
import { instructionOf } from '#engine/cri/build/dockerfile/instruction'
import { changeOf } from '#engine/cri/build/settings'
import type { ImageConfig } from '#engine/cri/images/definition'
import { badParameter } from '../model'

export function changedConfig(config: ImageConfig, changes: readonly string[]): ImageConfig {
  let at = config
  for (const change of changes.filter((text) => text.trim() !== '')) {
    try {
      const source = readLines(change)
      for (const line of source.lines) at = applied(at, instructionOf(line, source.escape))
    } catch (error) {
      if (!(error instanceof DockerfileError)) throw error
      throw badParameter(error.message)
    }
  }
  return at
}

function applied(config: ImageConfig, step: ReturnType<typeof instructionOf>): ImageConfig {
  if (step.keyword === 'WORKDIR') return { ...config, WorkingDir: step.rest.startsWith('/') ? step.rest : `${config.WorkingDir ?? ''}/${step.rest}` }
  if (!['CMD', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'HEALTHCHECK', 'LABEL', 'ONBUILD', 'STOPSIGNAL', 'USER', 'VOLUME'].includes(step.keyword)) throw badParameter(`${step.keyword} is not a valid change command`)
  return changeOf(step, config, (text) => text, true)?.config ?? config
}
