import { string } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { deletionFlags, dryRunFlag, fieldManagerFlag, filenameFlags, printFlags, saveConfigFlag, subresourceFlag, validateFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import { readPath } from '#engine/programs/kubectl/resources/files'
import { CliError, withSource } from '#engine/programs/kubectl/session/errors'
import { dryRunOf, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { cascadeOf, deleteObjects } from '../delete/delete'
import { verb } from '../verb'
import { createObject, resultPrinter, validationDirective, withLastApplied, writeQuery } from '../write'

export const replace = verb({
  use: 'replace -f FILENAME',
  short: 'Replace a resource by file name or stdin',
  long: 'Replace a resource by file name or stdin.\n\n JSON and YAML formats are accepted. An existing resource is replaced by the complete specification given, which \'kubectl get TYPE NAME -o yaml\' prints.',
  example: '# Replace a pod by the data in pod.json\nkubectl replace -f ./pod.json\n\n# Delete it and create it anew\nkubectl replace --force -f ./pod.json',
  group: 'Advanced Commands:',
  flags: [...printFlags, ...deletionFlags, ...filenameFlags('The files that contain the configurations to replace.'), dryRunFlag, fieldManagerFlag('kubectl-replace'), saveConfigFlag, subresourceFlag, validateFlag, string('raw', 'Raw URI to PUT to the server, with the transport of the kubeconfig file.')],
  run: runReplace,
})

async function runReplace(session: Session): Promise<void> {
  const { flags } = session
  const validation = validationDirective(session)
  const dryRun = await dryRunOf(session)
  const printer = resultPrinter(session, 'replaced', dryRun)
  if (flags.list('filename').length === 0 && flags.string('kustomize') === '') throw new CliError('must specify one of -f and -k')
  const force = flags.bool('force')
  if (flags.number('grace-period') >= 0 && !force) throw new CliError('--grace-period must have --force specified')
  if (flags.number('timeout') !== 0 && !force) throw new CliError('--timeout must have --force specified')
  if (force && dryRun !== 'none') throw new CliError('--dry-run can not be used when --force is set')
  if (flags.string('raw') !== '') return await rawPut(session)
  const request = { filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), validate: validation !== 'Ignore' }
  if (force) return await forceReplace(session, request, validation)
  await (await build(session, request)).visit(async (info) => {
    let object = info.object as KubeObject
    if (flags.bool('save-config') || object.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] !== undefined) object = withLastApplied(object)
    if (dryRun !== 'client') {
      try {
        object = await session.request('PUT', resourcePath(info.mapping, info.namespace, info.name, flags.string('subresource')) + writeQuery({ dryRun, fieldManager: flags.string('field-manager'), fieldValidation: validation }), { body: await withVersion(session, info.mapping, info.namespace, info.name, object) })
      } catch (error) {
        throw withSource('replacing', info.source, error as Error)
      }
    }
    await session.out(printer.print(object))
  })
}

/** Without a version of its own the object takes the live one's, as a blind overwrite. */
async function withVersion(session: Session, mapping: Parameters<typeof resourcePath>[0], namespace: string, name: string, object: KubeObject): Promise<KubeObject> {
  if (object.metadata.resourceVersion) return object
  const live = await session.request('GET', resourcePath(mapping, namespace, name)).catch((error: unknown) => {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  })
  return live?.metadata.resourceVersion ? { ...object, metadata: { ...object.metadata, resourceVersion: live.metadata.resourceVersion } } : object
}

async function forceReplace(session: Session, request: Parameters<typeof build>[1], validation: string): Promise<void> {
  const { flags } = session
  let stdin: string | undefined
  if (request.filenames?.includes('-')) {
    stdin = await session.process.stdin.text()
    const path = `/tmp/kubectl_replace_${session.process.pid}`
    session.process.files.mkdirAll(path)
    session.process.files.writeFile(`${path}/resource.stdin`, stdin)
    request = { ...request, filenames: request.filenames.map((name) => (name === '-' ? `${path}/resource.stdin` : name)) }
  }
  let grace = flags.number('grace-period')
  let wait = flags.bool('wait')
  if (grace < 0) grace = 0
  else if (grace === 0) {
    grace = 1
    wait = true
  }
  await deleteObjects(session, await build(session, { ...request, validate: false, fetch: false, ignoreNotFound: true }), { cascade: cascadeOf(session), gracePeriod: grace, ignoreNotFound: true, wait, timeoutMs: flags.number('timeout'), dryRun: 'none', shortNames: flags.string('output') === 'name', plainWords: true })
  const timeout = flags.number('timeout') || 300_000
  const deadline = session.now() + timeout
  await (await build(session, { ...request, validate: false })).visit(async (info) => {
    for (;;) {
      try {
        await session.get(info.mapping, info.namespace, info.name)
      } catch (error) {
        if (isReason(error, 'NotFound')) return
        throw error
      }
      if (session.now() >= deadline) throw new CliError('context deadline exceeded')
      await session.process.clock.sleep(1000)
    }
  })
  const printer = resultPrinter(session, 'replaced', 'none')
  let count = 0
  await (await build(session, request)).visit(async (info) => {
    let object = info.object as KubeObject
    if (flags.bool('save-config')) object = withLastApplied(object)
    object = await createObject(session, info.mapping, info.namespace, object, { fieldManager: flags.string('field-manager'), fieldValidation: validation })
    count++
    await session.out(printer.print(object))
  })
  if (stdin !== undefined) session.process.files.removeAll(`/tmp/kubectl_replace_${session.process.pid}`)
  if (count === 0) throw new CliError('no objects passed to replace')
}

async function rawPut(session: Session): Promise<void> {
  const [file = ''] = session.flags.list('filename')
  const text = file === '-' ? await session.process.stdin.text() : readPath(session, file)
  const response = await session.exchange('PUT', session.flags.string('raw'), { text, contentType: 'application/json' })
  await session.out(await response.body.text())
}
