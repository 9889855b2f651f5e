/** `--patches`: files of a directory that change what kubeadm writes, by the names of their targets. */
import { applyJsonPatch, type JsonPatchOperation } from '#engine/api/patch/json'
import { applyMergePatch } from '#engine/api/patch/merge'
import { applyStrategicPatch } from '#engine/api/patch/strategic'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import { emitYaml } from '#engine/base/yaml/emit'
import { parseYaml, parseYamlStream } from '#engine/base/yaml/parser'
import { KubeadmError, type Session } from './session'

const targets = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubeletconfiguration', 'corednsdeployment']
const types = { json: 'application/json-patch+json', merge: 'application/merge-patch+json', strategic: 'application/strategic-merge-patch+json' } as const
type PatchKind = keyof typeof types

interface Patch {
  readonly target: string
  readonly kind: PatchKind
  readonly content: unknown
}

export class Patches {
  private read: readonly Patch[] | undefined

  constructor(
    private readonly session: Session,
    private readonly directory: string,
  ) {}

  /** The document with all patches for it, in the order of their files' names. */
  async apply(target: string, document: string): Promise<string> {
    this.read ??= await this.load()
    const patches = this.read.filter((patch) => patch.target === target)
    if (patches.length === 0) return document
    let value = parseYaml(document)
    for (const patch of patches) {
      value = patched(value, patch)
      await this.session.say(`[patches] Applied patch of type "${types[patch.kind]}" to target "${target}"`)
    }
    return emitYaml(value)
  }

  private async load(): Promise<readonly Patch[]> {
    const { say, process } = this.session
    const { directory } = this
    await say(`[patches] Reading patches from path "${directory}"`)
    if (!process.files.exists(directory)) throw new KubeadmError(`could not list patch files for path ${JSON.stringify(directory)}: lstat ${directory}: no such file or directory`)
    const names = process.files.readDirectory(directory).filter(({ type }) => type === 'file').map(({ name }) => name).sort()
    const taken: string[] = []
    const ignored: string[] = []
    const patches = names.flatMap((name): Patch[] => {
      const found = this.parse(name)
      ;(found ? taken : ignored).push(name)
      return found ?? []
    })
    if (taken.length > 0) await say(`[patches] Found the following patch files: [${taken.join(' ')}]`)
    if (ignored.length > 0) await say(`[patches] Ignored the following files: [${ignored.join(' ')}]`)
    return patches
  }

  /** `TARGET[SUFFIX][+TYPE].EXTENSION`; a JSON patch is one list, of the others a file may hold several. */
  private parse(name: string): Patch[] | undefined {
    const match = /^(.+?)(?:\+([^.+]*))?\.(json|yaml)$/.exec(name)
    const target = targets.find((each) => match?.[1]?.startsWith(each))
    if (!match || target === undefined) return undefined
    const given = match[2] ?? ''
    if (given !== '' && !(given in types)) throw new KubeadmError(`unknown patch type ${JSON.stringify(given)} from file ${JSON.stringify(name)}`)
    const kind = (given === '' ? 'strategic' : given) as PatchKind
    const text = this.session.process.files.readText(`${this.directory}/${name}`)
    return parseYamlStream(text).filter((content) => content !== null && content !== undefined).map((content) => ({ target, kind, content }))
  }
}

/** For plans: nothing where no directory was given. */
export function patchesOf(session: Session, directory: string): { readonly patches?: Patches } {
  return directory === '' ? {} : { patches: new Patches(session, directory) }
}

function patched(value: unknown, { target, kind, content }: Patch): unknown {
  try {
    if (kind === 'json') return applyJsonPatch(value, content as JsonPatchOperation[])
    if (kind === 'merge') return applyMergePatch(value, content)
    const { apiVersion = '', kind: name = '' } = value as { apiVersion?: string; kind?: string }
    const [version = '', group = ''] = apiVersion.split('/').reverse()
    return applyStrategicPatch(builtinTypeOfKind(group, version, name), value, content as Record<string, unknown>)
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'ProcessKilled') throw error
    throw new KubeadmError(`could not apply the following patch of type "${types[kind]}" to target "${target}":\n${emitYaml(content)}: ${error.message}`)
  }
}
