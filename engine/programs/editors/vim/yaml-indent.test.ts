import { describe, expect, it } from 'vitest'
import { defaultOptions } from '#engine/programs/editors/vim/options'
import { yamlIndent } from '#engine/programs/editors/vim/yaml-indent'

const options = { ...defaultOptions, expandtab: true, shiftwidth: 2, softtabstop: 2 }
const pod = ['apiVersion: v1', 'kind: Pod', 'metadata:', '  name: web', 'spec:', '  containers:', '  - name: a', '    image: b']

function below(lines: readonly string[], text = '', current = 0): number {
  return yamlIndent(lines, lines.length, text, current, options)
}

describe('a new line in YAML', () => {
  it('goes in below a key that opens a block', () => {
    expect(below(pod.slice(0, 3))).toBe(2)
    expect(below(pod.slice(0, 6))).toBe(4)
    expect(below(['a: |'])).toBe(2)
  })

  it('might go on with the value above, until a key is typed', () => {
    expect(below(pod)).toBe(6)
    expect(below(pod, 'ports:', 6)).toBe(4)
    expect(below(pod.slice(0, 4), 'labels:', 4)).toBe(2)
  })

  it('stands below the text of a list item', () => {
    expect(below(pod.slice(0, 7))).toBe(4)
  })

  it('that begins an item stands below the item before', () => {
    expect(below(pod, '-', 6)).toBe(2)
  })

  it('begins at the left where there is nothing above', () => {
    expect(below([])).toBe(0)
    expect(below(['', ''])).toBe(0)
  })

  it('goes on with a comment where the comment stands', () => {
    expect(below([...pod, '    # one'], '# two', 0)).toBe(4)
  })

  it('that closes a bracket stands where its block began', () => {
    expect(below(['a: [', '  b'], ']', 2)).toBe(0)
  })
})
