/** Many signals from one: each listener of its own would count against the limit that hosts warn about. */
export class SignalFan {
  private readonly children = new Set<AbortController>()

  constructor(private readonly parent: AbortSignal) {
    parent.addEventListener(
      'abort',
      () => {
        for (const child of this.children) child.abort(parent.reason)
        this.children.clear()
      },
      { once: true },
    )
  }

  /** Aborted with the parent. */
  child(): AbortSignal {
    return this.branch().signal
  }

  /** The same for work that ends before: then it is to be released. */
  branch(): { readonly signal: AbortSignal; release(): void } {
    const controller = new AbortController()
    if (this.parent.aborted) controller.abort(this.parent.reason)
    else this.children.add(controller)
    return { signal: controller.signal, release: () => this.children.delete(controller) }
  }
}
