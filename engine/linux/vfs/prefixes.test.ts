import { describe, expect, it } from 'vitest'
import type { Files } from '#engine/linux/abi/files'
import { testMachine } from '#engine/linux/testing/testmachine'

const deep = '/var/lib/kubelet/pods/0123456789/volumes'

async function withFiles(work: (files: Files) => void): Promise<void> {
  const { body } = testMachine()
  const { code } = await body((process) => {
    work(process.files)
    return Promise.resolve(0)
  })
  expect(code).toBe(0)
}

describe('a deep directory that is named again and again', () => {
  it('is another one after the first was moved away and made anew', () =>
    withFiles((files) => {
      files.mkdirAll(deep)
      files.writeFile(`${deep}/a`, 'old')
      expect(files.readText(`${deep}/a`)).toBe('old')
      files.rename('/var/lib/kubelet/pods', '/var/lib/kubelet/former')
      expect(files.exists(`${deep}/a`)).toBeUndefined()
      files.mkdirAll(deep)
      files.writeFile(`${deep}/a`, 'new')
      expect(files.readText(`${deep}/a`)).toBe('new')
      expect(files.readText('/var/lib/kubelet/former/0123456789/volumes/a')).toBe('old')
    }))

  it('is gone when it was removed, and what stood there as a file is none', () =>
    withFiles((files) => {
      files.mkdirAll(deep)
      files.writeFile(`${deep}/a`, '')
      expect(files.exists(`${deep}/a`)).toBeDefined()
      files.removeAll('/var/lib/kubelet/pods')
      expect(files.exists(`${deep}/a`)).toBeUndefined()
      files.mkdirAll('/var/lib/kubelet/pods/0123456789')
      files.writeFile(deep, 'a file')
      expect(() => files.writeFile(`${deep}/a`, '')).toThrow('Not a directory')
    }))

  it('shows what is mounted over it or above it, and again what was there below', () =>
    withFiles((files) => {
      files.mkdirAll(deep)
      files.writeFile(`${deep}/a`, 'disk')
      expect(files.readText(`${deep}/a`)).toBe('disk')
      files.mount({ source: 'tmpfs', target: '/var/lib/kubelet/pods', type: 'tmpfs', options: [] })
      expect(files.exists(`${deep}/a`)).toBeUndefined()
      files.mkdirAll(deep)
      files.writeFile(`${deep}/a`, 'memory')
      expect(files.readText(`${deep}/a`)).toBe('memory')
      files.unmount('/var/lib/kubelet/pods')
      expect(files.readText(`${deep}/a`)).toBe('disk')
    }))

  it('follows a link on the way as it stands', () =>
    withFiles((files) => {
      files.mkdirAll('/var/lib/kubelet/one/two/three')
      files.mkdirAll('/var/lib/kubelet/other/two/three')
      files.writeFile('/var/lib/kubelet/one/two/three/a', '1')
      files.writeFile('/var/lib/kubelet/other/two/three/a', '2')
      files.symlink('one', '/var/lib/kubelet/current')
      expect(files.readText('/var/lib/kubelet/current/two/three/a')).toBe('1')
      files.unlink('/var/lib/kubelet/current')
      files.symlink('other', '/var/lib/kubelet/current')
      expect(files.readText('/var/lib/kubelet/current/two/three/a')).toBe('2')
    }))

  it('says of which directory on the way it could not be made', () =>
    withFiles((files) => {
      files.writeFile('/var/lib/file', '')
      expect(() => files.mkdirAll('/var/lib/file/below/it')).toThrow('Not a directory')
      expect(() => files.mkdirAll('/var/lib/file')).toThrow('File exists')
    }))
})
