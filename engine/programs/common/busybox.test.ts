import { describe, expect, it } from 'vitest'
import { busyboxWords } from './busybox'

describe('busybox', () => {
  it.each([
    ['cat', 'nofile: No such file or directory', "can't open 'nofile': No such file or directory"],
    ['cat', 'd: Is a directory', 'read error: Is a directory'],
    ['touch', "cannot touch '/x': Read-only file system", '/x: Read-only file system'],
    ['mkdir', 'cannot create directory ‘d’: File exists', "can't create directory 'd': File exists"],
    ['rm', "cannot remove 'd': Is a directory", "'d' is a directory"],
    ['cp', "cannot create regular file 'no/x': No such file or directory", "can't create 'no/x': No such file or directory"],
    ['mv', "cannot move 'f' to 'no/x': No such file or directory", "can't rename 'f': No such file or directory"],
    ['chown', "changing ownership of '/tmp': Operation not permitted", '/tmp: Operation not permitted'],
    ['ls', "cannot access '/var/run/secrets': No such file or directory", '/var/run/secrets: No such file or directory'],
    ['head', "cannot open 'nofile' for reading: No such file or directory", 'nofile: No such file or directory'],
    ['tail', "cannot open 'nofile' for reading: No such file or directory", "can't open 'nofile': No such file or directory"],
    ['timeout', 'failed to run command ‘x’: No such file or directory', "can't execute 'x': No such file or directory"],
    ['id', '‘nosuch’: no such user', 'unknown user nosuch'],
  ])('%s says "%s" as "%s"', (applet, message, said) => {
    expect(busyboxWords(applet, message)).toBe(said)
  })

  it('keeps silent where grep meets a directory', () => {
    expect(busyboxWords('grep', 'd: Is a directory')).toBeUndefined()
  })
})
