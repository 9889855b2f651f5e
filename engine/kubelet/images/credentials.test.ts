import { describe, expect, it } from 'vitest'
import type { Pod, Secret } from '#engine/api/kinds'
import { pullSecrets } from './credentials'

const base64 = (text: string): string => btoa(text)
const secret = (auths: object): Secret => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'reg' }, data: { '.dockerconfigjson': base64(JSON.stringify({ auths })) } }) as unknown as Secret
const pod = (...names: string[]): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name: 'web' }, spec: { containers: [], imagePullSecrets: names.map((name) => ({ name })) } }) as unknown as Pod

describe('image pull secrets', () => {
  const known = secret({ 'https://registry.example.com': { username: 'u', password: 'p' }, 'https://index.docker.io/v1/': { auth: base64('hub:secret') } })
  const secrets = pullSecrets((_, name) => Promise.resolve(name === 'reg' ? known : undefined))

  it('give the accounts of the registry that holds the image', async () => {
    expect(await secrets.accountsFor(pod('reg'), 'registry.example.com/app:1')).toEqual([{ username: 'u', password: 'p' }])
    expect(await secrets.accountsFor(pod('reg'), 'docker.io/library/nginx:1.27')).toEqual([{ username: 'hub', password: 'secret' }])
    expect(await secrets.accountsFor(pod('reg'), 'quay.io/app:1')).toEqual([])
  })

  it('that are not there are named', async () => {
    expect(await secrets.missing(pod('reg', 'gone', 'lost'))).toEqual(['gone', 'lost'])
  })
})
