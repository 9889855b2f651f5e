import { describe, expect, it } from 'vitest'
import { commonStart, inColumns } from './completion'
import { Display } from './display'
import { expandHistory } from './history-expansion'
import { KeyReader } from './keys'
import { Line } from './line'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('keys', () => {
  it('come out of the bytes of a terminal, also when a sequence is split', () => {
    const reader = new KeyReader()
    expect(reader.push(bytes('ab\x1b[A\x01'))).toEqual([{ kind: 'text', text: 'ab' }, { kind: 'key', name: 'up' }, { kind: 'key', name: 'C-a' }])
    expect(reader.push(bytes('\x1b['))).toEqual([])
    expect(reader.push(bytes('D\x1bb\r'))).toEqual([{ kind: 'key', name: 'left' }, { kind: 'key', name: 'M-b' }, { kind: 'key', name: 'enter' }])
  })

  it('keep a pasted text together, with its newlines', () => {
    const reader = new KeyReader()
    expect(reader.push(bytes('\x1b[200~one\rtwo\x1b[20'))).toEqual([])
    expect(reader.push(bytes('1~x'))).toEqual([{ kind: 'paste', text: 'one\ntwo', length: 7 }, { kind: 'text', text: 'x' }])
  })
})

describe('a line', () => {
  it('kills to its ends and yanks back', () => {
    const line = new Line()
    line.insert('kubectl get pods')
    line.remove(line.wordLeft(/\S/), line.cursor, true)
    expect(line.text).toBe('kubectl get ')
    line.move(0)
    line.yank()
    expect(line.text).toBe('podskubectl get ')
    line.undo()
    expect(line.text).toBe('kubectl get ')
  })
})

describe('the display', () => {
  it('writes only what was typed at the end, and draws anew what is changed before it', async () => {
    let out = ''
    const display = new Display((text) => Promise.resolve(void (out += text)), () => 80)
    await display.start('$ ')
    await display.show('ab', 2)
    expect(out).toBe('$ ab')
    out = ''
    await display.show('ab', 1)
    expect(out).toBe('\r\x1b[J$ ab\r\x1b[3C')
  })
})

describe('history', () => {
  it('puts earlier lines for !!, !$ and !text, and leaves quoted ones', () => {
    const history = ['kubectl get pods', 'ls /etc']
    expect(expandHistory('sudo !!', history, 1).text).toBe('sudo ls /etc')
    expect(expandHistory('cat !$', history, 1).text).toBe('cat /etc')
    expect(expandHistory('!kube -A', history, 1).text).toBe('kubectl get pods -A')
    expect(expandHistory("echo '!!'", history, 1).text).toBe("echo '!!'")
    expect(expandHistory('!nope', history, 1).missing).toBe('!nope: event not found')
  })
})

describe('candidates', () => {
  it('share their beginning and stand in columns', () => {
    expect(commonStart(['kubeadm', 'kubectl', 'kubelet'])).toBe('kube')
    expect(inColumns(['a', 'bb', 'ccc'], 10)).toBe('a    ccc\r\nbb   ')
  })
})
