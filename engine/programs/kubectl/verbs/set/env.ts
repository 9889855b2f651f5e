/** set env. */
import { bool, string, strings, stringArray } from '#engine/programs/common/cobra/flags'
import { containerResource, podField, type ResourceReference } from '#engine/kubelet/runtime/fieldref'
import { fromBase64, decodeUtf8 } from '#engine/base/bytes'
import type { KubeObject } from '#engine/api/object'
import { dryRunFlag, fieldManagerFlag, filenameFlags, printFlags, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { build, missingResource } from '#engine/programs/kubectl/resources/builder'
import { CliError, throwAll } from '#engine/programs/kubectl/session/errors'
import { builtin, type DryRun, dryRunOf, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { type EnvVar, matchingContainers, type MutableContainer, mutateAll, podSpecOf, targetsOf } from './podspec'

export const setEnv = verb({
  use: 'env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N',
  short: 'Update environment variables on a pod template',
  long: "Update environment variables on a pod template.\n\n List environment variable definitions in one or more pods, pod templates. Add, update, or remove container environment variable definitions in one or more pod templates (within replication controllers or deployment configurations). View or modify the environment variable definitions on all containers in the specified pods or pod templates, or just those that match a wildcard.\n\n If \"--env -\" is passed, environment variables can be read from STDIN using the standard env syntax.",
  example: "# Update deployment 'registry' with a new environment variable\nkubectl set env deployment/registry STORAGE_DIR=/local\n\n# List the environment variables defined on all pods of it\nkubectl set env deployment/sample-build --list\n\n# Import from a config map\nkubectl set env --from=configmap/myconfigmap --prefix=MYSQL_ deployment/myapp\n\n# Remove ENV\nkubectl set env deployments --all ENV-",
  flags: [
    ...printFlags, ...filenameFlags('the resource to update the env'), dryRunFlag, fieldManagerFlag('kubectl-set'), selectorFlag,
    bool('all', 'If true, select all resources in the namespace of the specified resource types'),
    string('containers,c', 'The names of containers in the selected pod templates to change - may use wildcards', { default: '*' }),
    stringArray('env,e', 'Specify a key-value pair for an environment variable to set into each container.'),
    string('from', 'The name of a resource from which to inject environment variables'),
    strings('keys', 'Comma-separated list of keys to import from specified resource'),
    bool('list', 'If true, display the environment and any changes in the standard format. This flag will removed when we have kubectl view env.'),
    bool('local', 'If true, nothing is sent; works on files only.'),
    bool('overwrite', 'If true, allow environment to be overwritten, otherwise reject updates that overwrite existing environment.', { default: true }),
    string('prefix', 'Prefix to append to variable names'),
    bool('resolve', 'If true, show secret or configmap references when listing variables'),
  ],
  run: runEnv,
})

function refuseFlags({ flags }: Session, dryRun: DryRun, resources: readonly string[]): void {
  if (flags.bool('local') && dryRun === 'server') throw new CliError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
  if (flags.list('filename').length === 0 && resources.length === 0) throw new CliError('one or more resources must be specified as <resource> <name> or <resource>/<name>')
  if (flags.bool('list') && flags.string('output') !== '') throw new CliError('--list and --output may not be specified together')
  if (flags.list('keys').length > 0 && flags.string('from') === '') throw new CliError('when specifying --keys, a configmap or secret must be provided with --from')
}

async function runEnv(session: Session): Promise<void> {
  const { flags, args } = session
  if (flags.bool('all') && flags.string('selector') !== '') throw new CliError('cannot set --all and --selector at the same time')
  const { resources, changes } = splitArguments(args)
  const dryRun = await dryRunOf(session)
  refuseFlags(session, dryRun, resources)
  const { env, remove } = await parseEnv(session, [...flags.list('env'), ...changes])
  env.push(...(await importedEnv(session)))
  const prefix = flags.string('prefix')
  const wanted = prefix === '' ? env : env.map((entry) => ({ ...entry, name: prefix + entry.name }))
  if (flags.bool('local') && flags.list('filename').length === 0) throw missingResource
  const infos = await targetsOf(session, resources)
  if (flags.bool('list')) return await listEnv(session, infos.map((info) => info.object as KubeObject), wanted, remove)
  await mutateAll(session, infos, {
    withoutGroup: true,
    dryRun, operation: 'env updated', failure: 'failed to patch env update to pod template: ',
    async change(object) {
      const containers = chosen(session, object)
      if (containers.length === 0) await session.err(`Warning: ${object.kind}/${object.metadata.name ?? ''} does not have any containers matching ${JSON.stringify(flags.string('containers'))}\n`)
      for (const container of containers) {
        if (!flags.bool('overwrite')) refuse(container, wanted)
        container.env = updated(container.env ?? [], wanted, remove)
        if (container.env.length === 0) delete container.env
      }
    },
  })
}

function chosen(session: Session, object: KubeObject): MutableContainer[] {
  const spec = podSpecOf(object)
  const pattern = session.flags.string('containers')
  return [...matchingContainers(spec.containers, pattern), ...matchingContainers(spec.initContainers, pattern)]
}

function refuse(container: MutableContainer, env: readonly EnvVar[]): void {
  for (const entry of env) {
    const known = container.env?.find((other) => other.name === entry.name)
    if (!known) continue
    const value = known.value ?? ''
    throw new CliError(`'${entry.name}' already has a value (${value}), and --overwrite is false`)
  }
}

function updated(existing: readonly EnvVar[], env: readonly EnvVar[], remove: readonly string[]): EnvVar[] {
  const covered = new Set(remove)
  const out: EnvVar[] = []
  for (const entry of existing) {
    if (covered.has(entry.name)) continue
    const newer = env.find((other) => other.name === entry.name)
    if (newer) covered.add(entry.name)
    out.push(newer ?? entry)
  }
  for (const entry of env) {
    if (covered.has(entry.name)) continue
    covered.add(entry.name)
    out.push(entry)
  }
  return out
}

const namePattern = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/

function splitArguments(args: readonly string[]): { resources: string[]; changes: string[] } {
  const resources: string[] = []
  const changes: string[] = []
  let first = true
  for (const arg of args) {
    const isEnv = arg.includes('=') || arg.endsWith('-')
    if (first && isEnv) first = false
    if (!first && isEnv) changes.push(arg)
    else if (first) resources.push(arg)
    else throw new CliError(`all resources must be specified before environment changes: ${args.join(' ')}`)
  }
  return { resources, changes }
}

async function parseEnv(session: Session, specs: readonly string[]): Promise<{ env: EnvVar[]; remove: string[] }> {
  const env: EnvVar[] = []
  const remove: string[] = []
  const exists = new Set<string>()
  for (const spec of specs) {
    const equals = spec.indexOf('=')
    if (spec === '-') {
      for await (const line of session.process.stdin.lines()) {
        const at = line.indexOf('=')
        if (at > 0) env.push({ name: line.slice(0, at), value: line.slice(at + 1) })
      }
    } else if (equals >= 0) {
      const name = spec.slice(0, equals)
      if (!namePattern.test(name)) throw new CliError(`${JSON.stringify(name)} is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`)
      exists.add(name)
      env.push({ name, value: spec.slice(equals + 1) })
    } else if (spec.endsWith('-')) remove.push(spec.slice(0, -1))
    else throw new CliError(`unknown environment variable: ${spec}`)
  }
  for (const name of remove) if (exists.has(name)) throw new CliError('can not both modify and remove the same environment variable in the same command')
  return { env, remove }
}

async function importedEnv(session: Session): Promise<EnvVar[]> {
  const { flags } = session
  if (flags.string('from') === '') return []
  const { infos, error } = await (await build(session, { args: [flags.string('from')] })).infos()
  if (error) throw error
  const out: EnvVar[] = []
  const keys = flags.list('keys')
  for (const info of infos) {
    const object = info.object as KubeObject
    if (object.kind !== 'Secret' && object.kind !== 'ConfigMap') throw new CliError('unsupported resource specified in --from')
    const ref = object.kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef'
    for (const key of Object.keys((object['data'] as Record<string, string> | undefined) ?? {}).sort()) {
      if (keys.length > 0 && !keys.includes(key)) continue
      const name = key.toUpperCase().replace(/[^A-Z0-9_]/g, '_')
      if (name !== key) await session.err(`Warning: key ${key} transferred to ${name}\n`)
      out.push({ name, valueFrom: { [ref]: { name: object.metadata.name, key } } })
    }
  }
  return out
}

async function listEnv(session: Session, objects: readonly KubeObject[], env: readonly EnvVar[], remove: readonly string[]): Promise<void> {
  const errors: Error[] = []
  for (const object of objects) {
    let failed = false
    for (const container of chosen(session, object)) {
      await session.out(`# ${object.kind} ${object.metadata.name ?? ''}, container ${container.name}\n`)
      for (const entry of updated(container.env ?? [], env, remove)) failed = !(await listOne(session, object, container, entry)) || failed
    }
    if (failed) errors.push(new CliError('failed to retrieve valueFrom references'))
  }
  if (errors.length > 0) throwAll([])
}

async function listOne(session: Session, object: KubeObject, container: MutableContainer, entry: EnvVar): Promise<boolean> {
  if (!entry.valueFrom) {
    await session.out(`${entry.name}=${entry.value ?? ''}\n`)
    return true
  }
  if (session.flags.bool('resolve')) {
    try {
      await session.out(`${entry.name}=${await resolved(session, object, container, entry.valueFrom)}\n`)
      return true
    } catch (error) {
      await session.out(`# ${entry.name} from ${reference(entry.valueFrom)}\n`)
      await session.err(`error retrieving reference for ${entry.name}: ${(error as Error).message}\n`)
      return false
    }
  }
  await session.out(`# ${entry.name} from ${reference(entry.valueFrom)}\n`)
  return true
}

interface KeyRef {
  readonly name: string
  readonly key: string
}

function reference(source: Record<string, unknown>): string {
  const config = source['configMapKeyRef'] as KeyRef | undefined
  if (config) return `configmap ${config.name}, key ${config.key}`
  const secret = source['secretKeyRef'] as KeyRef | undefined
  if (secret) return `secret ${secret.name}, key ${secret.key}`
  const field = source['fieldRef'] as { fieldPath: string } | undefined
  if (field) return `field path ${field.fieldPath}`
  const resource = source['resourceFieldRef'] as { resource: string; containerName?: string } | undefined
  if (resource) return `resource field ${resource.containerName ? `${resource.containerName}/` : ''}${resource.resource}`
  return 'invalid valueFrom'
}

async function resolved(session: Session, object: KubeObject, container: MutableContainer, source: Record<string, unknown>): Promise<string> {
  const config = source['configMapKeyRef'] as KeyRef | undefined
  const secret = source['secretKeyRef'] as KeyRef | undefined
  if (config) {
    const map = await session.get(builtin('', 'v1', 'configmaps', 'ConfigMap'), session.namespace, config.name)
    const value = (map['data'] as Record<string, string> | undefined)?.[config.key]
    if (value === undefined) throw new CliError(`key ${config.key} not found in config map ${config.name}`)
    return value
  }
  if (secret) {
    const found = await session.get(builtin('', 'v1', 'secrets', 'Secret'), session.namespace, secret.name)
    const value = (found['data'] as Record<string, string> | undefined)?.[secret.key]
    if (value === undefined) throw new CliError(`key ${secret.key} not found in secret ${secret.name}`)
    return decodeUtf8(fromBase64(value))
  }
  const amount = source['resourceFieldRef'] as ResourceReference | undefined
  if (amount) return containerResource({ spec: { containers: [container] } } as never, { ...amount, containerName: container.name }, undefined, {})
  const field = source['fieldRef'] as { fieldPath: string } | undefined
  if (field && /^metadata\.(?:name|namespace|uid|labels|annotations)\b/.test(field.fieldPath)) return podField(object as never, field.fieldPath, {} as never)
  throw new CliError(field ? `unsupported fieldPath: ${field.fieldPath}` : 'invalid valueFrom')
}
