/** Runs the enabled plugins in the order of their table. */
import type { KubeObject } from '#engine/api/object'
import { StatusError } from '#engine/api/status'
import { internalError } from '#engine/api/errors'
import { warn, type Call } from '#engine/apiserver/chain/call'
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from './plugin'

export interface AdmissionRequest {
  readonly call: Call
  readonly operation: AdmissionOperation
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly namespace: string
  /** This and the object become another between admission and validation. */
  name: string
  object: KubeObject | undefined
  readonly oldObject: KubeObject | undefined
  readonly options: KubeObject | undefined
  readonly dryRun: boolean
}

export class AdmissionChain {
  private readonly admitting: readonly AdmissionPlugin[]
  private readonly validating: readonly AdmissionPlugin[]

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.admitting = plugins.filter((plugin) => plugin.admit)
    this.validating = plugins.filter((plugin) => plugin.validate)
  }

  /** The object as the plugins leave it; `request.object` must be the caller's own copy. */
  async admit(request: AdmissionRequest): Promise<KubeObject | undefined> {
    const attributes = new Attributes(request)
    for (const plugin of this.admitting) {
      if (!plugin.handles(request.operation)) continue
      const waiting = guarded(plugin, 'admit', attributes)
      if (waiting) await waiting
    }
    return attributes.object
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const attributes = new Attributes(request)
    for (const plugin of this.validating) {
      if (!plugin.handles(request.operation)) continue
      const waiting = guarded(plugin, 'validate', attributes)
      if (waiting) await waiting
    }
  }
}

function guarded(plugin: AdmissionPlugin, what: 'admit' | 'validate', attributes: Attributes): Promise<void> | void | undefined {
  try {
    return plugin[what]?.(attributes)
  } catch (error) {
    if (error instanceof StatusError) throw error
    throw internalError(error instanceof Error ? error.message : String(error))
  }
}

class Attributes implements AdmissionAttributes {
  object: KubeObject | undefined

  constructor(private readonly request: AdmissionRequest) {
    this.object = request.object
  }

  get operation(): AdmissionOperation { return this.request.operation }
  get group(): string { return this.request.group }
  get version(): string { return this.request.version }
  get resource(): string { return this.request.resource }
  get subresource(): string { return this.request.subresource }
  get kind(): string { return this.request.kind.kind }
  get kindGroup(): string { return this.request.kind.group }
  get kindVersion(): string { return this.request.kind.version }
  get namespace(): string { return this.request.namespace }
  get name(): string { return this.request.name }
  get oldObject(): KubeObject | undefined { return this.request.oldObject }
  get options(): KubeObject | undefined { return this.request.options }
  get dryRun(): boolean { return this.request.dryRun }
  get user(): AdmissionAttributes['user'] { return this.request.call.user }
  get nowMs(): number { return this.request.call.nowMs }

  warn(text: string): void {
    warn(this.request.call, text)
  }

  annotate(key: string, value: string): void {
    this.request.call.annotations[key] = value
  }
}
