import { describe, expect, it } from 'vitest'
import { atLeast, exactly, noArguments } from './arguments'

describe('arguments that are missing or too many', () => {
  it('are told with the usage of the command', () => {
    expect(exactly('create NAME', 1)([], 'helm create')).toBe('"helm create" requires 1 argument\n\nUsage:  helm create NAME [flags]')
    expect(exactly('upgrade [RELEASE] [CHART]', 2)(['a'], 'helm upgrade')).toBe('"helm upgrade" requires 2 arguments\n\nUsage:  helm upgrade [RELEASE] [CHART] [flags]')
    expect(atLeast('rollback <RELEASE> [REVISION]', 1)([], 'helm rollback')).toBe('"helm rollback" requires at least 1 argument\n\nUsage:  helm rollback <RELEASE> [REVISION] [flags]')
    expect(noArguments('list')(['x'], 'helm list')).toBe('"helm list" accepts no arguments\n\nUsage:  helm list [flags]')
  })

  it('are not told of where they fit', () => {
    expect(exactly('create NAME', 1)(['a'], 'helm create')).toBeUndefined()
  })
})
