/** Templates cannot wait: what they look up is noted, fetched afterwards, and they run again. */
export type RemoteLookup = (apiVersion: string, kind: string, namespace: string, name: string) => Promise<unknown>

const most = 1000

export class LookupCache {
  private readonly known = new Map<string, { readonly value?: unknown; readonly error?: Error }>()
  private readonly asked = new Map<string, readonly [string, string, string, string]>()

  constructor(private readonly remote: RemoteLookup | undefined) {}

  get(apiVersion: string, kind: string, namespace: string, name: string): unknown {
    if (!this.remote) return {}
    const key = JSON.stringify([apiVersion, kind, namespace, name])
    const found = this.known.get(key)
    if (found?.error) throw found.error
    if (!found && this.known.size + this.asked.size < most) this.asked.set(key, [apiVersion, kind, namespace, name])
    return found?.value ?? {}
  }

  /** Whether anything new is known. */
  async fetch(): Promise<boolean> {
    const asked = [...this.asked]
    this.asked.clear()
    for (const [key, query] of asked) this.known.set(key, await this.one(query))
    return asked.length > 0
  }

  private async one(query: readonly [string, string, string, string]): Promise<{ value?: unknown; error?: Error }> {
    try {
      return { value: (await this.remote?.(...query)) ?? {} }
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      return { error: error as Error }
    }
  }
}
