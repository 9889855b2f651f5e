/** Working containers: a writable layer over an image, and the configuration that it will be committed with. */
import type { ImageConfig } from '#engine/cri/images/definition'
import type { StoredImage } from '#engine/cri/images/store'
import type { Library } from '#engine/cri/podman/library'
import { PodmanError } from '#engine/cri/podman/model'

export interface WorkingContainer {
  readonly id: string
  readonly name: string
  readonly imageId: string
  readonly imageName: string
  readonly createdMs: number
  config: ImageConfig
  readonly history: string[]
}

const directory = '/var/lib/containers/storage/buildah'

export function workingContainers(library: Library): WorkingContainer[] {
  const { files } = library
  if (!files.exists(directory)) return []
  return files.readDirectory(directory).map((entry) => JSON.parse(files.readText(`${directory}/${entry.name}`)) as WorkingContainer).sort((a, b) => a.createdMs - b.createdMs)
}

export function workingContainer(library: Library, text: string): WorkingContainer | undefined {
  return workingContainers(library).find((each) => each.name === text || (/^[0-9a-f]+$/.test(text) && each.id.startsWith(text)))
}

export function presentContainer(library: Library, text: string, doing: string): WorkingContainer {
  const found = workingContainer(library, text)
  if (!found) throw new PodmanError(`${doing} build container: container not known`)
  return found
}

export function saveContainer(library: Library, container: WorkingContainer): void {
  library.files.mkdirAll(directory, 0o700)
  library.files.replaceFile(`${directory}/${container.id}.json`, JSON.stringify(container))
}

export function forgetContainer(library: Library, container: WorkingContainer): void {
  library.files.unlink(`${directory}/${container.id}.json`)
  library.store.snapshots.remove(snapshotOf(container))
}

export function snapshotOf(container: WorkingContainer): string {
  return `buildah ${container.id}`
}

export function newContainer(library: Library, image: StoredImage | undefined, imageName: string, name: string | undefined): WorkingContainer {
  const names = new Set(workingContainers(library).map((each) => each.name))
  if (name !== undefined && names.has(name)) throw new PodmanError(`the container name ${JSON.stringify(name)} is already in use by ${workingContainer(library, name)?.id ?? ''}. You have to remove that container to be able to reuse that name: that name is already in use`)
  const base = `${image ? (imageName.split('/').pop() ?? '').replace(/[:@].*$/, '') : 'scratch'}-working-container`.replace('scratch-working', 'working')
  const free = (): string => {
    for (let number = 0; ; number++) {
      const candidate = number === 0 ? base : `${base}-${number}`
      if (!names.has(candidate)) return candidate
    }
  }
  const container: WorkingContainer = { id: library.newId(), name: name ?? free(), imageId: image?.id ?? '', imageName: image ? imageName : 'scratch', createdMs: library.now(), config: image?.config.config ?? {}, history: [] }
  library.store.snapshots.prepare(snapshotOf(container), image ? library.store.rootKey(image) : '')
  saveContainer(library, container)
  return container
}
