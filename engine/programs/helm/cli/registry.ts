/** `helm push` and `helm registry`: charts in OCI registries. */
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, string } from '#engine/programs/common/cobra/flags'
import { loadArchive } from '#engine/programs/helm/chart/load'
import { dropLogin, keepLogin, loginOf } from '../repo/credentials'
import { send, statusText } from '../repo/fetch'
import { chartPathFlags, locateOptions } from '../repo/locate'
import { parseReference, pushChart } from '../repo/registry'
import { exactly } from './arguments'
import { pathsOf } from './globals'

const pushUse = 'push [chart] [remote]'
const pushFlags = ['ca-file', 'cert-file', 'insecure-skip-tls-verify', 'key-file', 'password', 'plain-http', 'username']

export const pushCommand: Command = {
  use: pushUse, short: 'push a chart to remote', args: exactly(pushUse, 2), long: 'Puts a packaged chart into a registry, below the name of the chart and with its version as tag.', flags: chartPathFlags.filter(({ name }) => pushFlags.includes(name)),
  complete: ({ args }) => ({ candidates: [], files: args.length === 0 }),
  async run({ args: [chart = '', remote = ''], process, flags }) {
    if (!process.files.exists(chart)) throw new Error(`stat ${chart}: no such file or directory`)
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(remote)?.[1]
    if (scheme === undefined) throw new Error('scheme prefix missing from remote (e.g. "oci://")')
    if (scheme !== 'oci') throw new Error(`scheme "${scheme}" not supported`)
    if (process.files.stat(chart).type === 'directory') throw new Error(`cannot push directory, must provide chart archive (.tgz)`)
    const { access = {}, plainHttp = false } = locateOptions(process, flags)
    const bytes = process.files.readFile(chart)
    const login = access.username ? {} : loginOf(process, pathsOf(process, flags).registryConfig, parseReference(remote).host)
    const { reference, digest } = await pushChart(process, bytes, loadArchive(bytes).metadata, remote, { plainHttp, access: { ...access, ...login } })
    await process.stderr.write(`Pushed: ${reference}\nDigest: ${digest}\n`)
    return 0
  },
}

const loginUse = 'login [host]'
const logoutUse = 'logout [host]'

async function login({ args: [host = ''], flags, process }: Invocation): Promise<number> {
  const username = flags.string('username')
  const password = flags.bool('password-stdin') ? (await process.stdin.text()).replace(/\r?\n$/, '') : flags.string('password')
  if (username === '') throw new Error('username required')
  if (password === '') throw new Error('password required')
  if (!flags.bool('password-stdin')) await process.stderr.write('WARNING: Using --password via the CLI is insecure. Use --password-stdin.\n')
  const url = `${flags.bool('plain-http') ? 'http' : 'https'}://${host}/v2/`
  const { status } = await send(process, url, { username, password, insecure: flags.bool('insecure') })
  if (status !== 200) throw new Error(`authenticating to ${JSON.stringify(host)}: GET ${JSON.stringify(url)}: response status code ${status}: ${statusText(status).slice(4)}`)
  keepLogin(process, pathsOf(process, flags).registryConfig, host, { username, password })
  await process.stderr.write('Login Succeeded\n')
  return 0
}

export const registryCommand: Command = {
  use: 'registry', short: 'login to or logout from a registry', long: 'Keeps credentials of registries that hold charts.',
  commands: [
    {
      use: loginUse, short: 'login to a registry', args: exactly(loginUse, 1), run: login,
      flags: [string('username,u', 'registry username'), string('password,p', 'registry password or identity token'), bool('password-stdin', 'read password or identity token from stdin'), bool('insecure', 'allow connections to TLS registry without certs'), bool('plain-http', 'use insecure HTTP connections for the chart upload')],
    },
    {
      use: logoutUse, short: 'logout from a registry', args: exactly(logoutUse, 1),
      async run({ args: [host = ''], flags, process }) {
        if (!dropLogin(process, pathsOf(process, flags).registryConfig, host)) throw new Error('not logged in')
        await process.stderr.write(`Removing login credentials for ${host}\n`)
        return 0
      },
    },
  ],
}
