import { describe, expect, it } from 'vitest'
import { ignoreRules } from './ignore'

describe('.dockerignore', () => {
  it('names files, directories and patterns, and takes exceptions back in the order of lines', () => {
    const ignored = ignoreRules('# comment\n*.log\n!keep.log\n/dir\n**/tmp\na?c\n')
    const wanted: readonly (readonly [string, boolean])[] = [['x.log', true], ['keep.log', false], ['sub/x.log', false], ['dir', true], ['dir/inside', true], ['x/y/tmp', true], ['tmp', true], ['abc', true], ['abbc', false]]
    for (const [path, is] of wanted) expect([path, ignored(path)]).toEqual([path, is])
  })
})
