import { bool, string } from '#engine/programs/common/cobra/flags'
import { copyObject, equalJson, type KubeObject } from '#engine/api/object'
import { StatusError } from '#engine/api/status'
import { parseYaml } from '#engine/base/yaml/parser'
import { dryRunFlag, fieldManagerFlag, filenameFlags, printFlags, subresourceFlag } from '#engine/programs/kubectl/flagsets'
import { applyJsonPatch } from '#engine/programs/kubectl/patch/jsonpatch'
import { applyMergePatch } from '#engine/programs/common/patch/merge'
import { applyStrategic } from '#engine/programs/kubectl/patch/applystrategic'
import { isBuiltinKind } from '#engine/programs/kubectl/patch/builtin'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { type DryRun, dryRunOf, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { MalformedBody, patchObject, type PatchType, patchTypes, resultPrinter } from '../write'
import { completeResources } from '../completion/resources'
import { isRecording, recordFlag, recordPatch } from '../record'

export const patch = verb({
  use: 'patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  short: 'Update fields of a resource',
  long: 'Update fields of a resource using strategic merge patch, a JSON merge patch, or a JSON patch.\n\n JSON and YAML formats are accepted.\n\n Note: Strategic merge patch is not supported for custom resources.',
  example: '# Part of a node by a strategic merge patch\nkubectl patch node k8s-node-1 -p \'{"spec":{"unschedulable":true}}\'\n\n# A container\'s image by a JSON patch\nkubectl patch pod valid-pod --type=\'json\' -p=\'[{"op": "replace", "path": "/spec/containers/0/image", "value":"new image"}]\'\n\n# Replicas through the scale subresource\nkubectl patch deployment nginx-deployment --subresource=\'scale\' --type=\'merge\' -p \'{"spec":{"replicas":2}}\'',
  group: 'Advanced Commands:',
  flags: [
    recordFlag,
    ...printFlags, ...filenameFlags('identifying the resource to update'), dryRunFlag, fieldManagerFlag('kubectl-patch'), subresourceFlag,
    bool('local', 'If true, nothing is sent; works on files only.'),
    string('patch,p', 'The patch to be applied to the resource JSON file.'),
    string('patch-file', 'A file containing a patch to be applied to the resource.'),
    string('type', 'The type of patch being provided; one of [json merge strategic]', { default: 'strategic' }),
  ],
  complete: completeResources,
  run: runPatch,
})

async function runPatch(session: Session): Promise<void> {
  const { flags } = session
  const dryRun = await dryRunOf(session)
  const [text, file] = [flags.string('patch'), flags.string('patch-file')]
  if (text !== '' && file !== '') throw new CliError('cannot specify --patch and --patch-file together')
  if (text === '' && file === '') throw new CliError('must specify --patch or --patch-file containing the contents of the patch')
  const local = flags.bool('local')
  if (local && session.args.length > 0) throw new CliError('cannot specify --local and server resources')
  if (local && dryRun === 'server') throw new CliError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
  const type = flags.string('type').toLowerCase()
  if (!['json', 'merge', 'strategic'].includes(type)) throw new CliError(`--type must be one of [json merge strategic], not ${JSON.stringify(flags.string('type'))}`)
  const body = parsePatch(session, text, file)
  const built = await build(session, { args: session.args, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), local, subresource: flags.string('subresource') })
  let count = 0
  await built.visit(async (info) => {
    count++
    const before = info.object as KubeObject
    const offline = local || dryRun === 'client'
    const after = offline ? await patchHere(session, before, type, body) : await patchThere(session, info, type as 'json', body, dryRun)
    if (isRecording(session) && !offline) await patchObject(session, info.mapping, info.namespace, info.name, 'merge', recordPatch(session), { dryRun })
    await session.out(resultPrinter(session, equalJson(before, after) ? 'patched (no change)' : 'patched', 'none').print(after))
  })
  if (count === 0) throw new CliError('no objects passed to patch')
}

async function patchThere(session: Session, info: Info, type: PatchType, body: unknown, dryRun: DryRun): Promise<KubeObject> {
  const { flags } = session
  try {
    return await patchObject(session, info.mapping, info.namespace, info.name, type, body, { dryRun, fieldManager: flags.string('field-manager') }, flags.string('subresource'))
  } catch (error) {
    if (!(error instanceof StatusError) || error.status.reason !== 'UnsupportedMediaType') throw error
    const { group, version, kind } = info.mapping
    throw new CliError(`${patchTypes[type]} is not supported by ${group === '' ? version : `${group}/${version}`}, Kind=${kind}: ${error.message}`)
  }
}

function parsePatch(session: Session, text: string, file: string): unknown {
  let content = text
  if (file !== '') {
    try {
      content = session.process.files.readText(file)
    } catch (error) {
      throw new CliError(`unable to read patch file: open ${file}: ${(error as Error).message.toLowerCase()}`)
    }
  }
  // What begins as a JSON object goes to the server as it stands, also when it is none.
  if (/^\s*\{/.test(content)) return jsonOrText(content)
  try {
    return parseYaml(content)
  } catch (error) {
    throw new CliError(`unable to parse ${JSON.stringify(text)}: ${(error as Error).message}`)
  }
}

async function patchHere(session: Session, object: KubeObject, type: string, body: unknown): Promise<KubeObject> {
  if (type === 'json') return jsonPatched(object, body)
  if (type === 'merge') return applyMergePatch(copyObject(object), body) as KubeObject
  if (session.flags.bool('local') && !isBuiltinKind(object.kind) && object.apiVersion.split('/')[0]?.includes('.') && !object.apiVersion.includes('.k8s.io')) throw new CliError(`strategic merge patch is not supported for ${object.apiVersion}, Kind=${object.kind} locally, try --type merge`)
  return await applyStrategic(session, copyObject(object), body as Record<string, unknown>)
}

/** A missing key of a list is told as the field that it is. */
function jsonPatched(object: KubeObject, body: unknown): KubeObject {
  try {
    return applyJsonPatch(object, body) as KubeObject
  } catch (error) {
    const missing = /doc is missing key: (.*)$/.exec((error as Error).message)
    throw missing ? new CliError(`Object to be patched is missing field (${missing[1] as string})`) : error
  }
}

function jsonOrText(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return new MalformedBody(content)
  }
}
