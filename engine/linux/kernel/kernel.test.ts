import { describe, expect, it } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { testMachine } from '#engine/linux/testing/testmachine'

const cat: Program = {
  name: 'cat',
  async run(process) {
    const paths = process.argv.slice(1)
    if (paths.length === 0) for await (const chunk of process.stdin) await process.stdout.write(chunk)
    for (const path of paths) await process.stdout.write(process.files.readFile(path))
    return 0
  },
}
const yes: Program = {
  name: 'yes',
  async run(process) {
    for (;;) await process.stdout.write('y\n')
  },
}
const sleep: Program = {
  name: 'sleep',
  async run(process) {
    await process.clock.sleep(Number(process.argv[1]) * 1000)
    return 0
  },
}
const head: Program = {
  name: 'head',
  async run(process) {
    let count = 0
    for await (const line of process.stdin.lines()) {
      await process.stdout.write(`${line}\n`)
      if (++count === 3) break
    }
    return 0
  },
}
const broken: Program = {
  name: 'broken',
  run() {
    throw new TypeError('oh no')
  },
}
const programs = [cat, yes, sleep, head, broken]

describe('processes', () => {
  it('read files, write to pipes and end with their exit code', async () => {
    const test = testMachine({ programs, files: { '/etc/motd': 'welcome\n' } })
    expect(await test.run(['cat', '/etc/motd'])).toEqual({ stdout: 'welcome\n', stderr: '', code: 0 })
    expect(await test.run(['cat'], { input: 'typed' })).toMatchObject({ stdout: 'typed', code: 0 })
    expect(await test.run(['cat', '/nope'])).toMatchObject({ stderr: 'cat: /nope: No such file or directory\n', code: 1 })
    expect(await test.run(['nope'])).toMatchObject({ code: 127 })
    expect(test.programErrors).toEqual([])
  })

  it('fork, share descriptors, and are waited for by their parents', async () => {
    const test = testMachine({ programs })
    const result = await test.body(async (process) => {
      const child = process.fork(async (own) => {
        await own.stdout.write(`child of ${own.ppid === process.pid}\n`)
        return 7
      })
      const status = await child.wait()
      await process.stdout.write(JSON.stringify(status))
      return 0
    })
    expect(result.stdout).toBe('child of true\n{"kind":"exited","code":7}')
  })

  it('die of SIGPIPE when nobody reads', async () => {
    const test = testMachine({ programs })
    const result = await test.body(async (process) => {
      const { reader, writer } = process.pipe()
      const left = process.spawn('/usr/bin/yes', ['yes'], { descriptors: new Map([[1, writer]]) })
      const right = process.spawn('/usr/bin/head', ['head'], { descriptors: new Map([[0, reader]]) })
      await right.wait()
      const status = await left.wait()
      await process.stdout.write(status.kind === 'signaled' ? status.signal : 'exited')
      return 0
    })
    expect(result.stdout).toBe('y\ny\ny\nSIGPIPE')
  })

  it('are killed in the middle of a wait, stopped and continued', async () => {
    const test = testMachine({ programs })
    const result = await test.body(async (process) => {
      const child = process.spawn('/usr/bin/sleep', ['sleep', '10'])
      await process.clock.sleep(100)
      child.kill('SIGSTOP')
      const stopped = await process.waitAny()
      await process.clock.sleep(60_000)
      await process.stdout.write(`${JSON.stringify(stopped)} ${process.processes().find((entry) => entry.pid === child.pid)?.state}\n`)
      child.kill('SIGCONT')
      await process.stdout.write(JSON.stringify(await child.wait()))
      const second = process.spawn('/usr/bin/sleep', ['sleep', '10'])
      process.kill(second.pid, 'SIGTERM')
      await process.stdout.write(JSON.stringify(await second.wait()))
      return 0
    })
    expect(result.stdout).toMatch(/^\{"pid":\d+,"stopped":"SIGSTOP"\} T\n\{"kind":"exited","code":0\}\{"kind":"signaled","signal":"SIGTERM","coreDumped":false\}$/)
  })

  it('report a fault of a program to the host and end with SIGSEGV', async () => {
    const test = testMachine({ programs })
    expect(await test.run(['broken'])).toMatchObject({ stderr: 'broken: program error: TypeError: oh no\n', code: 139 })
    expect(test.programErrors).toHaveLength(1)
  })

  it('leave orphans to pid 1, which reaps them', async () => {
    const test = testMachine({ programs })
    await test.body(async (process) => {
      process.fork(async (middle) => {
        middle.spawn('/usr/bin/sleep', ['sleep', '1'])
        return 0
      })
      await process.clock.sleep(500)
      await process.stdout.write(String(process.processes().find((entry) => entry.command === 'sleep')?.ppid))
      return 0
    })
    await test.advance(2000)
    expect(test.machine.kernel.pidNamespace.tasks.size).toBe(1)
  })

  it('in a pid namespace of their own see themselves as 1 and end with its init', async () => {
    const test = testMachine({ programs })
    const result = await test.body(async (process) => {
      const init = process.fork(
        async (child) => {
          child.spawn('/usr/bin/sleep', ['sleep', '1000'])
          await child.stdout.write(`${child.pid} ${child.processes().map((entry) => entry.pid).join(',')}\n`)
          return 3
        },
        { namespaces: { pid: 'new', mount: 'new', uts: 'new' } },
      )
      await init.wait()
      await process.stdout.write(String(process.processes().filter((entry) => entry.command === 'sleep').length))
      return 0
    })
    expect(result.stdout).toBe('1 1,2\n0')
  })

  it('that spin let the clock go on and can be killed', async () => {
    const test = testMachine({ programs })
    const result = await test.body(async (process) => {
      const spin = process.fork(async (child) => {
        for (;;) await child.compute(0.01)
      })
      await process.clock.sleep(500)
      spin.kill('SIGKILL')
      await spin.wait()
      return 0
    })
    expect(result.code).toBe(0)
  })

  it('run scripts by their #! line, and copies of executables as the program they hold', async () => {
    const test = testMachine({ programs, files: { '/root/s': '#!/usr/bin/cat -x\nbody\n', '/root/t': 'hello' } })
    const result = await test.body(async (process) => {
      const { files } = process
      files.writeFile('/root/s', '#!/usr/bin/cat\nbody\n')
      files.chmod('/root/s', 0o755)
      await process.spawn('/root/s', ['s']).wait()
      files.writeFile('/tmp/copy', files.readFile('/usr/bin/cat'), 0o755)
      await process.spawn('/tmp/copy', ['copy', '/root/t']).wait()
      files.chmod('/root/t', 0o755)
      expect(() => process.spawn('/root/t', ['t'])).toThrow('Exec format error')
      return 0
    })
    expect(result.stdout).toBe('#!/usr/bin/cat\nbody\nhello')
  })

  it('are refused beyond the limit of their control group, and killed when they take too much memory', async () => {
    const test = testMachine({ programs })
    const result = await test.body(async (process) => {
      process.files.mkdir('/sys/fs/cgroup/small')
      process.files.writeFile('/sys/fs/cgroup/small/pids.max', '2')
      process.files.writeFile('/sys/fs/cgroup/small/memory.max', '64M')
      const first = process.fork(
        async (child) => {
          child.spawn('/usr/bin/sleep', ['sleep', '1'])
          try {
            child.spawn('/usr/bin/sleep', ['sleep', '1'])
          } catch (error) {
            await child.stdout.write(isErrno(error, 'EAGAIN') ? 'refused ' : 'strange ')
          }
          child.setMemory(100 * 1024 * 1024)
          await child.stdout.write('still here')
          return 0
        },
        { cgroup: '/small' },
      )
      const status = await first.wait()
      await process.stdout.write(`${JSON.stringify(status)} ${process.files.readText('/sys/fs/cgroup/small/memory.events').split('\n')[4]}`)
      return 0
    })
    expect(result.stdout).toBe('refused {"kind":"signaled","signal":"SIGKILL","coreDumped":false} oom_kill 1')
  })
})

describe('terminals', () => {
  const type = async (test: ReturnType<typeof testMachine>, argv: string[], keys: string[]): Promise<{ shown: string; code: number }> => {
    let shown = ''
    const session = test.machine.exec(argv, { terminal: { columns: 80, rows: 24 }, onStdout: (bytes) => void (shown += decodeUtf8(bytes)) })
    let code = -1
    void session.exit.then((value) => (code = value))
    for (const key of keys) {
      await session.write(encodeUtf8(key))
      await test.advance(10)
    }
    return { shown, code }
  }

  it('echo, edit lines and end at ^D', async () => {
    const test = testMachine({ programs })
    expect(await type(test, ['cat'], ['abx\x7fc\r', '\x04'])).toEqual({ shown: 'abx\b \bc\r\nabc\r\n', code: 0 })
  })

  it('interrupt the foreground group with ^C, also in yes | cat', async () => {
    const test = testMachine({ programs })
    expect(await type(test, ['cat'], ['ab', '\x03'])).toEqual({ shown: 'ab^C', code: 130 })
    let bytes = 0
    const session = test.machine.exec(['yes'], { terminal: { columns: 80, rows: 24 }, onStdout: (chunk) => void (bytes += chunk.length) })
    await test.advance(20)
    await session.write(Uint8Array.of(3))
    await test.advance(20)
    expect(await session.exit).toBe(130)
    expect(bytes).toBeGreaterThan(100)
  })

  it('hold a line of 4095 bytes and ring for the rest', async () => {
    const test = testMachine({ programs })
    const { shown } = await type(test, ['cat'], ['x'.repeat(10_000), '\r', '\x04'])
    expect(shown.split('\r\n')[1]).toHaveLength(4095)
  })
})

describe('files', () => {
  const inProcess = (work: (process: Process) => void): Promise<{ stdout: string; code: number }> => {
    const test = testMachine({ programs })
    return test.body(async (process) => {
      work(process)
      return 0
    })
  }

  it('are linked, renamed, refused and looped as on Linux', async () => {
    const result = await inProcess(({ files }) => {
      files.writeFile('/tmp/a', 'one')
      files.link('/tmp/a', '/tmp/b')
      expect(files.stat('/tmp/b').nlink).toBe(2)
      files.symlink('loop', '/tmp/loop')
      expect(() => files.readText('/tmp/loop')).toThrow('Too many levels of symbolic links')
      files.mkdirAll('/tmp/d/e/f')
      expect(() => files.rename('/tmp/d', '/tmp/d/e/x')).toThrow('Invalid argument')
      expect(() => files.rmdir('/tmp/d')).toThrow('Directory not empty')
      files.removeAll('/tmp/d')
      expect(files.exists('/tmp/d')).toBeUndefined()
      expect(() => files.mkdir('/proc/x')).toThrow('Operation not permitted')
      expect(() => files.rmdir('/proc')).toThrow('Device or resource busy')
    })
    expect(result.code).toBe(0)
  })

  it('obey modes for those who are not root', async () => {
    const result = await inProcess((process) => {
      process.files.writeFile('/tmp/secret', 'x', 0o600)
      process.files.mkdir('/root/deep', 0o700)
      process.setCredentials({ uid: 1000, gid: 1000, groups: [1000] })
      expect(() => process.files.readText('/tmp/secret')).toThrow('Permission denied')
      expect(() => process.files.unlink('/tmp/secret')).toThrow('Operation not permitted')
      expect(() => process.files.stat('/root/deep/x')).toThrow()
      process.files.writeFile('/tmp/own', 'y')
      expect(process.files.stat('/tmp/own')).toMatchObject({ uid: 1000, mode: 0o644 })
    })
    expect(result.code).toBe(0)
  })

  it('show through overlays, which copy up and white out', async () => {
    const result = await inProcess(({ files }) => {
      for (const path of ['/l/etc', '/u', '/w', '/m']) files.mkdirAll(path)
      files.writeFile('/l/etc/a', 'lower')
      files.writeFile('/l/etc/b', 'gone')
      files.mount({ source: 'overlay', target: '/m', type: 'overlay', options: ['lowerdir=/l', 'upperdir=/u', 'workdir=/w'] })
      expect(files.readText('/m/etc/a')).toBe('lower')
      expect(files.exists('/u/etc')).toBeUndefined()
      files.appendFile('/m/etc/a', '+')
      files.unlink('/m/etc/b')
      expect(files.readText('/u/etc/a')).toBe('lower+')
      expect(files.readText('/l/etc/a')).toBe('lower')
      expect(files.readDirectory('/m/etc').map((entry) => entry.name)).toEqual(['a'])
      files.writeFile('/m/etc/b', 'new')
      expect(files.readText('/m/etc/b')).toBe('new')
      files.unmount('/m')
      expect(files.readDirectory('/m')).toEqual([])
    })
    expect(result.code).toBe(0)
  })

  it('are watched, and a snapshot keeps what was', async () => {
    const test = testMachine({ programs })
    await test.body(async (process) => {
      process.files.writeFile('/tmp/f', 'before')
      const watch = process.files.watch('/tmp')
      process.files.appendFile('/tmp/f', '!')
      process.files.rename('/tmp/f', '/tmp/g')
      expect(await watch.next()).toEqual({ kind: 'modify', name: 'f' })
      expect(await watch.next()).toEqual({ kind: 'moved-from', name: 'f' })
      const snapshot = test.machine.snapshot()
      process.files.writeFile('/tmp/g', 'after')
      expect(snapshot.running?.mounts.length).toBeGreaterThan(5)
      return 0
    })
  })

  it('of /proc tell of the process that asks', async () => {
    const result = await inProcess((process) => {
      expect(process.files.readText('/proc/self/comm')).toBe('test\n')
      expect(process.files.readlink('/proc/self')).toBe(String(process.pid))
      expect(process.files.readDirectory('/proc/self/fd').map((entry) => entry.name)).toEqual(['1', '2'])
      expect(process.files.readText('/proc/sys/kernel/hostname')).toBe('base\n')
      process.files.writeFile('/proc/sys/vm/swappiness', '10')
      expect(process.files.readText('/proc/sys/vm/swappiness')).toBe('10\n')
      expect(process.files.readlink('/proc/self/ns/net')).toBe('net:[4026531840]')
    })
    expect(result.code).toBe(0)
  })
})
