import { bool, string } from '#engine/programs/common/cobra/flags'
import { emitYaml } from '#engine/base/yaml/emit'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { prettyJson } from '#engine/programs/kubectl/printers/json'
import { verb } from '../verb'

/** Of the same release as the server. */
export const clientVersion = {
  major: '1', minor: '35', gitVersion: 'v1.35.4', gitCommit: 'b4b9f1a6bc0d2ee1b51a8f2de9df2ac8c1a9f2b3', gitTreeState: 'clean', buildDate: '2026-04-14T20:12:48Z', goVersion: 'go1.25.9', compiler: 'gc', platform: 'linux/amd64',
} as const

const kustomizeVersion = 'v5.7.1'

export const version = verb({
  use: 'version',
  noFlagsInUsage: false,
  short: 'Print the client and server version information',
  long: 'Print the client and server version information for the current context.',
  example: '# Print the client and server versions for the current context\nkubectl version',
  flags: [bool('client', 'If true, shows client version only (no server required).'), string('output,o', "One of 'yaml' or 'json'.")],
  run: runVersion,
})

async function runVersion(session: Session): Promise<void> {
  const { flags } = session
  const output = flags.string('output')
  if (session.args.length > 0) throw new CliError(`extra arguments: [${session.args.join(' ')}]`)
  if (!['', 'json', 'yaml'].includes(output)) throw new CliError("--output must be 'yaml' or 'json'")
  const own = { ...clientVersion, gitVersion: session.process.executable.attributes['version'] ?? clientVersion.gitVersion }
  const info: { clientVersion: object; kustomizeVersion: string; serverVersion?: { gitVersion?: string } } = { clientVersion: own, kustomizeVersion }
  let failure: unknown
  if (!flags.bool('client')) {
    await session.ready()
    try {
      info.serverVersion = await session.request('GET', '/version?timeout=32s')
    } catch (error) {
      failure = error
    }
  }
  if (output === 'json') await session.out(`${prettyJson(info, false, 2)}\n`)
  else if (output === 'yaml') await session.out(`${emitYaml(info, { sortKeys: true })}\n`)
  else await session.out(`Client Version: ${own.gitVersion}\nKustomize Version: ${kustomizeVersion}\n${info.serverVersion ? `Server Version: ${info.serverVersion.gitVersion ?? ''}\n` : ''}`)
  if (failure !== undefined) throw failure as Error
}
