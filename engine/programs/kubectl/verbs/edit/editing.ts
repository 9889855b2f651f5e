/** The rounds of an edit: print, let the user edit, read back, and do with the changes what the mode says; again where the server refuses. */
import { isErrno } from '#engine/linux/abi/errno'
import { emitYaml } from '#engine/base/yaml/emit'
import { parseYaml } from '#engine/base/yaml/parser'
import type { KubeObject, ManagedFieldsEntry } from '#engine/api/object'
import { invalidError } from '#engine/api/errors'
import { sortKeys } from '#engine/api/jsonpath/evaluate'
import { prettyJson } from '#engine/programs/kubectl/printers/json'
import { kyaml } from '#engine/programs/kubectl/printers/kyaml'
import { unknownFormat, withoutManagedFields } from '#engine/programs/kubectl/printers/printer'
import { kindProblems } from '#engine/programs/kubectl/resources/decode'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError, ExitError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { withLastApplied } from '../write'
import { hasContent, meaningOf, withoutCommentLines } from './comments'
import { editText } from './editor'
import { EditResults } from './results'

/** What is done with the edited objects; refusals of the server go to `results` and are told on standard error. */
export interface EditMode {
  readonly ofAnnotations?: boolean
  readonly act: (originals: readonly Info[], updated: readonly Info[], results: EditResults) => Promise<void>
}

interface Saved {
  readonly text: string
  readonly path: string
}

const formats = ['json', 'kyaml', 'yaml']

export function editInfos(session: Session, infos: readonly Info[], mode: EditMode): Promise<void> {
  return new Editing(session, infos, mode).run()
}

class Editing {
  private results = new EditResults()
  private readonly format: string

  constructor(
    private readonly session: Session,
    private readonly infos: readonly Info[],
    private readonly mode: EditMode,
  ) {
    this.format = session.flags.string('output') || 'yaml'
    if (!formats.includes(this.format)) throw unknownFormat(this.format, formats)
  }

  async run(): Promise<void> {
    const original = this.originalText()
    let saved: Saved | undefined
    let failed = false
    for (;;) {
      const before: Saved | undefined = saved
      const shown: string = failed ? withoutCommentLines(before?.text ?? '') : original
      saved = await this.edited(this.header() + shown, before)
      if (failed && before && meaningOf(before.text) === meaningOf(saved.text)) throw await this.kept(new CliError('Edit cancelled, no valid changes were saved.'), saved)
      if (before) this.remove(before)
      const next = await this.round(original, saved)
      if (next === 'done') return this.remove(saved)
      failed = next === 'again'
    }
  }

  private header(): string {
    return this.format === 'json' ? '' : this.results.header(this.mode.ofAnnotations ?? false)
  }

  private originalText(): string {
    const objects = this.infos.map((info) => info.object as KubeObject)
    const whole = objects.length === 1 ? (objects[0] as KubeObject) : { apiVersion: 'v1', kind: 'List', metadata: {}, items: objects }
    const shown = withoutManagedFields(whole)
    const text = this.format === 'json' ? `${prettyJson(shown)}\n` : this.format === 'kyaml' ? kyaml(sortKeys(shown)) : emitYaml(shown)
    return this.session.flags.bool('windows-line-endings') ? text.replaceAll('\n', '\r\n') : text
  }

  private async edited(text: string, before: Saved | undefined): Promise<Saved> {
    try {
      return await editText(this.session.process, this.format === 'json' ? '.json' : '.yaml', text)
    } catch (error) {
      throw before ? await this.kept(error as Error, before) : error
    }
  }

  private async round(original: string, saved: Saved): Promise<'done' | 'again' | 'anew'> {
    const fault = this.fault(saved.text)
    if (fault !== undefined) {
      this.results = new EditResults()
      const refused = invalidError('', '', '', [{ type: 'FieldValueInvalid', field: '<nil>', body: `Invalid value: "The edited file failed validation": ${fault}` }])
      await this.session.err(`${this.results.add(refused, this.infos[0] as Info)}\n`)
      return 'again'
    }
    if (meaningOf(original) === meaningOf(saved.text)) return await this.cancelled('Edit cancelled, no changes made.')
    if (!hasContent(saved.text)) return await this.cancelled('Edit cancelled, saved file was empty.')
    this.results = new EditResults()
    let updated: Info[]
    try {
      updated = await this.read(saved.text)
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      this.results.addSyntaxError(error as Error)
      return 'again'
    }
    return await this.act(updated, saved)
  }

  private async cancelled(message: string): Promise<'done'> {
    await this.session.err(`${message}\n`)
    return 'done'
  }

  private async act(updated: readonly Info[], saved: Saved): Promise<'done' | 'again' | 'anew'> {
    const { results, session } = this
    try {
      for (const info of updated) this.complete(info)
      await this.mode.act(this.infos, updated, results)
    } catch (error) {
      throw await this.kept(error as Error, saved)
    }
    if (results.retryable > 0) {
      await session.err(`You can run \`kubectl replace -f ${saved.path}\` to try this update again.\n`)
      throw new ExitError(1)
    }
    if (results.notFound > 0) {
      await session.err(`The edits you made on deleted resources have been saved to ${JSON.stringify(saved.path)}\n`)
      throw new ExitError(1)
    }
    if (results.invalid === 0) return 'done'
    return results.hasReasons ? 'again' : 'anew'
  }

  /** The namespace must not change; managedFields that were not shown come back. */
  private complete(info: Info): void {
    const object = info.object as KubeObject
    const { namespace } = this.session
    if (!info.mapping.namespaced) info.namespace = ''
    else if (info.namespace === '') {
      info.namespace = namespace
      object.metadata.namespace = namespace
    } else if (info.namespace !== namespace)
      throw new CliError(`the namespace from the provided object ${JSON.stringify(info.namespace)} does not match the namespace ${JSON.stringify(namespace)}. You must pass '--namespace=${info.namespace}' to perform this operation.`)
    const managed = this.managedFieldsOf(object)
    if (managed) object.metadata.managedFields = managed
    if (this.session.flags.has('save-config') && this.session.flags.bool('save-config')) info.object = withLastApplied(object)
  }

  private managedFieldsOf(object: KubeObject): ManagedFieldsEntry[] | undefined {
    const original = this.infos.find((info) => info.object?.metadata.uid !== undefined && info.object.metadata.uid === object.metadata.uid)
    return original?.object?.metadata.managedFields
  }

  private fault(text: string): string | undefined {
    if (this.session.flags.has('validate') && ['ignore', 'false'].includes(this.session.flags.string('validate').toLowerCase())) return undefined
    let value: unknown
    try {
      value = parseYaml(withoutCommentLines(text))
    } catch (error) {
      return (error as Error).message
    }
    const problems = kindProblems(value)
    return problems.length === 0 ? undefined : problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`
  }

  private async read(text: string): Promise<Info[]> {
    const built = await build(this.session, { stream: { name: 'edited-file', text }, fetch: false })
    const { infos, error } = await built.infos()
    if (error) throw error
    return infos
  }

  private async kept(error: Error, { path }: Saved): Promise<Error> {
    if (error.name !== 'ProcessKilled' && this.session.process.files.exists(path)) await this.session.err(`A copy of your changes has been stored to ${JSON.stringify(path)}\n`)
    return error
  }

  private remove({ path }: Saved): void {
    try {
      this.session.process.files.unlink(path)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
}
