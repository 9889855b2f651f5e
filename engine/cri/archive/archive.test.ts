import { describe, expect, it } from 'vitest'
import { decodeUtf8 } from '#engine/base/bytes'
import { testMachine } from '#engine/linux/testing/testmachine'
import { ImageStore } from '../images/store'
import { commitImage } from './commit'
import { layoutArchive, podmanArchive } from './layout'
import { loadImages, readArchive } from './load'
import { familiarName, packImage, saveImages } from './save'
import type { ImageScope } from './scope'
import { entriesOf, extractArchive, treeArchive } from './tree'

async function withScope(work: (scope: ImageScope, other: ImageScope) => void): Promise<void> {
  const { body, programErrors } = testMachine()
  await body(async ({ files }) => {
    await Promise.resolve()
    const scope = (root: string): ImageScope => ({ files, store: new ImageStore(files, root, () => 0), namespace: 'moby', now: () => 0 })
    files.mkdirAll('/tree/etc', 0o755)
    files.writeFile('/tree/etc/motd', 'hello\n', 0o600)
    files.chmod('/tree/etc/motd', 0o640)
    files.symlink('motd', '/tree/etc/link')
    work(scope('/a'), scope('/b'))
    return 0
  })
  expect(programErrors).toEqual([])
}

describe('archives of images', () => {
  it('bring an image to another store with its id, its names and its files', async () => {
    let seen: unknown
    await withScope((scope, other) => {
      const image = commitImage(scope, { tree: '/tree', config: { Cmd: ['cat', '/etc/motd'] }, createdBy: 'by hand', names: ['docker.io/library/mine:1'] })
      const [loaded] = loadImages(other, saveImages(scope, ['mine:1']))
      const found = other.store.find('moby', 'mine:1')
      const directory = found && other.store.snapshots.lower(other.store.rootKey(found))[0]
      seen = [loaded?.id === image.id, loaded?.names, found?.config.config.Cmd, other.files.readText(`${directory ?? ''}/etc/motd`), other.files.stat(`${directory ?? ''}/etc/motd`).mode.toString(8), other.files.readlink(`${directory ?? ''}/etc/link`)]
    })
    expect(seen).toEqual([true, ['docker.io/library/mine:1'], ['cat', '/etc/motd'], 'hello\n', '640', 'motd'])
  })

  it('are docker\'s with a folder a layer, podman\'s with layers by digest, or an OCI layout', async () => {
    let seen: unknown
    await withScope((scope) => {
      const image = commitImage(scope, { tree: '/tree', config: {}, createdBy: 'by hand', names: ['docker.io/library/mine:1'] })
      const packed = packImage(scope, image, ['docker.io/library/mine:1'])
      const names = (tar: Uint8Array): string[] => entriesOf(tar).map((entry) => entry.name.replace(/[0-9a-f]{64}/, 'ID'))
      const docker = saveImages(scope, ['mine:1'])
      const manifest = entriesOf(docker).find((entry) => entry.name === 'manifest.json')
      seen = [names(docker).sort(), (JSON.parse(decodeUtf8(manifest?.content ?? new Uint8Array())) as { RepoTags: string[] }[])[0]?.RepoTags, names(podmanArchive([packed], familiarName)).sort(), names(layoutArchive(packed, 'mine:1')), readArchive(layoutArchive(packed, 'mine:1'))[0]?.id === image.id]
    })
    expect(seen).toEqual([
      ['ID', 'ID.json', 'ID/VERSION', 'ID/json', 'ID/layer.tar', 'manifest.json', 'repositories'], ['mine:1'],
      ['ID.json', 'ID.tar', 'ID/VERSION', 'ID/json', 'ID/layer.tar', 'manifest.json', 'repositories'],
      ['blobs', 'blobs/sha256', 'blobs/sha256/ID', 'blobs/sha256/ID', 'blobs/sha256/ID', 'index.json', 'oci-layout'], true,
    ])
  })

  it('tell what a layer removes', async () => {
    let seen: unknown
    await withScope(({ files }) => {
      files.mknod('/tree/etc/gone', 'character', 0, 0, 0)
      const tar = treeArchive(files, '/tree')
      files.mkdirAll('/out', 0o755)
      extractArchive(files, '/out', tar, true)
      seen = [entriesOf(tar).map((entry) => entry.name), files.lstat('/out/etc/gone').type]
    })
    expect(seen).toEqual([['etc', 'etc/.wh.gone', 'etc/link', 'etc/motd'], 'character'])
  })

  it('are refused where there is nothing of the name', async () => {
    let message = ''
    await withScope((scope) => {
      try {
        saveImages(scope, ['none:1'])
      } catch (error) {
        message = (error as Error).message
      }
    })
    expect(message).toBe('reference does not exist')
  })
})
