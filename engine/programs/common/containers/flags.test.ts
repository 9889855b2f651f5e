import { describe, expect, it } from 'vitest'
import { parseArguments } from './flags'
import { formatRows, humanSize, humanSpan, podmanTable, tableText } from './report'

describe('flags of container tools', () => {
  it('come before, between and after operands, until a command of somebody else begins', () => {
    const flags = parseArguments(['-d', '--name', 'web', '-p8080:80', '-e', 'A=1', '--env=B=2', 'image', '-x', '--', 'y'], 'detach,d name= publish,p= env,e=', 1)
    expect([flags.has('detach'), flags.value('name'), flags.value('publish'), flags.all('env'), flags.operands]).toEqual([true, 'web', '8080:80', ['A=1', 'B=2'], ['image', '-x', '--', 'y']])
  })

  it('are refused as pflag refuses them', () => {
    expect(() => parseArguments(['--nope'], 'all,a')).toThrow('unknown flag: --nope')
    expect(() => parseArguments(['-az'], 'all,a')).toThrow("unknown shorthand flag: 'z' in -az")
    expect(() => parseArguments(['--name'], 'name=')).toThrow('flag needs an argument: --name')
  })
})

describe('lists of container tools', () => {
  it('are at least twelve columns a cell', () => {
    expect(tableText([{ title: 'POD ID', field: 'id' }, { title: 'NAME', field: 'name' }], [{ id: '13248b8cba0c', name: 'web' }], podmanTable)).toBe('POD ID        NAME\n13248b8cba0c  web\n')
  })

  it('have a heading by a template that asks for a table', () => {
    expect(formatRows('table {{.Name}} {{.Tag}}', [{ Name: 'busybox', Tag: 'latest' }], { Name: 'REPOSITORY' }, podmanTable)).toBe('REPOSITORY  TAG\nbusybox     latest\n')
    expect(formatRows('{{.Name}}:{{.Tag}}', [{ Name: 'a', Tag: 'b' }], {}, podmanTable)).toBe('a:b\n')
  })

  it('tell sizes and spans in words', () => {
    expect([humanSize(2_223_686), humanSize(0), humanSpan(500), humanSpan(61_000), humanSpan(7_200_000)]).toEqual(['2.22 MB', '0 B', 'Less than a second', 'About a minute', '2 hours'])
  })
})
