import { describe, expect, it } from 'vitest'
import type { Files } from '#engine/linux/abi/files'
import { loadDockerConfig } from './config'

/** A disk with one file. */
function disk(text: string | undefined): Files {
  return { exists: (path: string) => (text !== undefined && path === '/etc/docker/daemon.json' ? {} : undefined), readText: () => text } as unknown as Files
}

describe('the configuration of dockerd', () => {
  it('takes what daemon.json says, and flags beside it', () => {
    const config = loadDockerConfig(disk('{"insecure-registries": ["r:5000"], "log-opts": {"max-size": "1m"}}'), ['-H', 'fd://', '--userland-proxy=false'])
    expect(config).toMatchObject({ insecureRegistries: ['r:5000'], logOpts: { 'max-size': '1m' }, hosts: ['fd://'], userlandProxy: false })
  })

  it('refuses a broken file, an unknown directive and what is said twice', () => {
    expect(() => loadDockerConfig(disk('{bad'), [])).toThrow("unable to configure the Docker daemon with file /etc/docker/daemon.json: invalid character 'b' looking for beginning of object key string")
    expect(() => loadDockerConfig(disk('{"nope": 1}'), [])).toThrow("the following directives don't match any configuration option: nope")
    expect(() => loadDockerConfig(disk('{"hosts": ["unix:///x"]}'), ['-H', 'fd://'])).toThrow('the following directives are specified both as a flag and in the configuration file: hosts: (from flag: [fd://], from file: [unix:///x])')
  })

  it('refuses a flag that it does not know', () => {
    expect(() => loadDockerConfig(disk(undefined), ['--nope'])).toThrow('unknown flag: --nope')
  })
})
