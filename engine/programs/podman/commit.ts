/** podman commit, and instructions given one by one (`--change`). */
import { commitImage } from '#engine/cri/archive/commit'
import type { ImageConfig } from '#engine/cri/images/definition'
import { changeOf } from '#engine/cri/build/settings'
import { instructionOf } from '#engine/cri/build/dockerfile/instruction'
import { DockerfileError } from '#engine/cri/build/dockerfile/lines'
import { expand } from '#engine/cri/build/dockerfile/words'
import { PodmanError } from '#engine/cri/podman/model'
import { localName } from '#engine/cri/podman/registries'
import { mountPoints, snapshotKey } from '#engine/cri/podman/spec'
import { type Commands, say, type Session } from './session'

export function changedConfig(config: ImageConfig, changes: readonly string[]): ImageConfig {
  return changes.reduce((current, text) => {
    try {
      const step = instructionOf({ text: text.replace(/^(\w+)=/, '$1 '), line: 1 }, '\\')
      if (step.keyword === 'WORKDIR') return { ...current, WorkingDir: step.args[0] ?? '/' }
      const change = changeOf(step, current, (word) => expand(word, () => undefined, '\\'), true)
      if (!change) throw new PodmanError(`invalid change ${JSON.stringify(text)} - must be formatted as KEY VALUE`)
      return change.config
    } catch (error) {
      if (error instanceof DockerfileError) throw new PodmanError(error.message)
      throw error
    }
  }, config)
}

async function commit(session: Session): Promise<number> {
  const { flags, library, process } = session
  const record = library.presentContainer(flags.operands[0] ?? '')
  const parent = library.imageById(record.imageId)
  const name = flags.operands[1]
  const config = changedConfig({ ...parent?.config.config, ...(record.command.length > 0 ? { Cmd: record.command } : {}) }, flags.all('change'))
  const message = flags.value('message')
  const author = flags.value('author')
  const image = commitImage(library, {
    parent, tree: library.store.snapshots.upperDirectory(snapshotKey(record.id)) ?? '', leaveOut: mountPoints, config, createdBy: record.command.join(' '),
    ...(message === undefined ? {} : { comment: message }), ...(author === undefined ? {} : { author }), names: name === undefined ? [] : [localName(name)],
  })
  if (!flags.has('quiet')) await process.stderr.write(`Getting image source signatures\n${image.config.rootfs.diff_ids.map((digest) => `Copying blob ${digest}\n`).join('')}Copying config ${image.id}\nWriting manifest to image destination\nStoring signatures\n`)
  return say(session, `${image.id.slice(7)}\n`)
}

export const commitCommands: Commands = {
  commit: { flags: 'author,a= change,c= message,m= format,f= pause,p quiet,q squash,s iidfile= include-volumes', operands: [1, 2], run: commit },
}
