import { beforeEach, describe, expect, it } from 'vitest'
import { type TestMachine, testMachine } from '#engine/linux/testing/testmachine'
import { coreutilsPrograms } from '#engine/programs/coreutils/index'

let machine: TestMachine
const run = (...argv: readonly string[]): ReturnType<TestMachine['run']> => machine.run(argv, { cwd: '/work' })
const text = async (...argv: readonly string[]): Promise<string> => (await run(...argv)).stdout

beforeEach(() => {
  machine = testMachine({ programs: coreutilsPrograms, files: { '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n', '/etc/group': 'root:x:0:\nnogroup:x:65534:\n', '/work/one': '1\n', '/work/two': '2\n', '/work/dir/in': 'in\n', '/work/dir/sub/deep': 'deep\n' } })
})

describe('cp', () => {
  it('copies a tree into a directory that is there, or as one that is not', async () => {
    await run('cp', '-r', 'dir', 'copy')
    await run('cp', '-r', 'dir', 'copy')
    expect(await text('ls', '-R', 'copy')).toBe('copy:\ndir\nin\nsub\n\ncopy/dir:\nin\nsub\n\ncopy/dir/sub:\ndeep\n\ncopy/sub:\ndeep\n')
  })

  it('keeps what it overwrites under another name with --backup', async () => {
    await run('cp', '--backup=numbered', 'one', 'two')
    expect(await text('cat', 'two', 'two.~1~')).toBe('1\n2\n')
  })

  it('leaves directories out without -r, and never copies one into itself', async () => {
    expect(await run('cp', 'dir', 'x')).toMatchObject({ code: 1, stderr: "cp: -r not specified; omitting directory 'dir'\n" })
    expect(await run('cp', '-r', 'dir', 'dir/sub/x')).toMatchObject({ code: 1, stderr: "cp: cannot copy a directory, 'dir', into itself, 'dir/sub/x'\n" })
  })

  it('makes the directories above a file with --parents', async () => {
    await run('mkdir', 'to')
    expect(await text('cp', '-v', '--parents', 'dir/sub/deep', 'to')).toBe("dir -> to/dir\ndir/sub -> to/dir/sub\n'dir/sub/deep' -> 'to/dir/sub/deep'\n")
  })
})

describe('mv and rm', () => {
  it('mv renames, and tells so with -v', async () => {
    expect(await text('mv', '-v', 'one', 'three')).toBe("renamed 'one' -> 'three'\n")
    expect(await text('ls')).toBe('dir\nthree\ntwo\n')
  })

  it('mv does not lose a file with -n, nor put a directory into itself', async () => {
    await run('mv', '-n', 'one', 'two')
    expect(await text('cat', 'two')).toBe('2\n')
    expect((await run('mv', 'dir', 'dir/sub')).stderr).toBe("mv: cannot move 'dir' to a subdirectory of itself, 'dir/sub/dir'\n")
  })

  it('rm wants -r for directories and never takes the root', async () => {
    expect(await run('rm', 'dir')).toMatchObject({ code: 1, stderr: "rm: cannot remove 'dir': Is a directory\n" })
    expect((await run('rm', '-r', '/')).stderr).toContain("it is dangerous to operate recursively on '/'")
    expect(await text('rm', '-rv', 'dir')).toBe("removed 'dir/in'\nremoved 'dir/sub/deep'\nremoved directory 'dir/sub'\nremoved directory 'dir'\n")
  })
})

describe('ln and readlink', () => {
  it('makes links, relative ones too, and finds where they lead', async () => {
    await run('ln', '-sr', 'one', 'dir/link')
    expect(await text('readlink', 'dir/link')).toBe('../one\n')
    expect(await text('readlink', '-f', 'dir/link')).toBe('/work/one\n')
    expect(await text('realpath', '--relative-to=dir/sub', 'two')).toBe('../../two\n')
  })

  it('replaces a link only when told', async () => {
    await run('ln', '-s', 'one', 'link')
    expect((await run('ln', '-s', 'two', 'link')).stderr).toBe("ln: failed to create symbolic link 'link': File exists\n")
    await run('ln', '-sf', 'two', 'link')
    expect(await text('readlink', 'link')).toBe('two\n')
  })
})

describe('chmod and chown', () => {
  it.each([['u+x,go-r', '700'], ['a=r', '444'], ['+x', '755'], ['u=rw,g=u,o=', '660'], ['1777', '1777']])('chmod %s leaves %s', async (mode, left) => {
    await run('chmod', mode, 'one')
    expect(await text('stat', '-c', '%a', 'one')).toBe(`${left}\n`)
  })

  it('tell what they changed with -v', async () => {
    expect(await text('chmod', '-v', '600', 'one')).toBe("mode of 'one' changed from 0644 (rw-r--r--) to 0600 (rw-------)\n")
    expect(await text('chown', '-v', 'nobody:', 'one')).toBe("changed ownership of 'one' from root:root to nobody:nogroup\n")
  })

  it('name whom they do not know', async () => {
    expect((await run('chown', 'nosuch', 'one')).stderr).toBe('chown: invalid user: ‘nosuch’\n')
    expect((await run('chmod', 'u+q', 'one')).stderr).toContain('chmod: invalid mode: ‘u+q’')
  })
})

describe('ls, du and dd', () => {
  it('ls shows long lines in columns, and directories first when asked', async () => {
    expect(await text('ls', '-ln', '--time-style=+T', 'one')).toBe('-rw-r--r-- 1 0 0 2 T one\n')
    expect(await text('ls', '--group-directories-first', '-F')).toBe('dir/\none\ntwo\n')
  })

  it('ls quotes names that a shell would read otherwise', async () => {
    await run('touch', 'a b')
    expect(await text('ls', '--quoting-style=shell-escape')).toBe("'a b'\ndir\none\ntwo\n")
    expect(await text('ls', '-Q', 'a b')).toBe('"a b"\n')
  })

  it('du counts blocks, and a file with two names once', async () => {
    await run('ln', 'one', 'again')
    expect(await text('du', '-a', 'one', 'again', 'dir')).toBe('4\tone\n4\tdir/in\n4\tdir/sub/deep\n8\tdir/sub\n16\tdir\n')
  })

  it('dd copies blocks and tells how many', async () => {
    const copied = await run('dd', 'if=/work/dir/sub/deep', 'of=x', 'bs=2', 'count=2')
    expect(copied.stderr).toMatch(/^2\+0 records in\n2\+0 records out\n4 bytes copied, /)
    expect(await text('cat', 'x')).toBe('deep')
  })
})
