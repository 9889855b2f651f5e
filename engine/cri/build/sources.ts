/** Where a build's copies come from: the context, earlier stages, other images. */
import type { Files } from '#engine/linux/abi/files'
import type { StoredImage } from '../images/store'
import type { CopyRoot } from './copy'
import { newId } from './perform'
import { mountRoot } from './root'
import type { BuildHost } from './host'
import type { Emit } from './run'

export class StageImages {
  private readonly images: { name: string | undefined; image: StoredImage | undefined }[] = []

  constructor(private readonly host: BuildHost) {}

  add(name: string | undefined, image: StoredImage | undefined): void {
    this.images.push({ name, image })
  }

  /** By name, or by number from 0. */
  stage(name: string): { image: StoredImage | undefined } | undefined {
    return this.images.find((each, index) => each.name === name.toLowerCase() || String(index) === name)
  }

  /** A stage's or any other image; it is pulled where it is not there. */
  async image(name: string, emit: Emit, always = false): Promise<StoredImage | undefined> {
    const stage = this.stage(name)
    if (stage) return stage.image
    const { store, namespace } = this.host
    if (always || !store.find(namespace, name)) await this.host.pull(name, emit)
    return store.find(namespace, name)
  }

  mounted(image: StoredImage | undefined): CopyRoot & { release(): void } {
    const root = mountRoot(this.host.process, this.host, image, newId(this.host))
    return { files: this.host.process.files, root: root.path, release: () => root.discard() }
  }
}

export function contextRoot(files: Files, root: string, ignored?: CopyRoot['ignored']): CopyRoot {
  return { files, root, ...(ignored ? { ignored } : {}) }
}
