/** Jobs one after another, in the background of whoever adds them. */
export class Jobs {
  private readonly queue: (() => Promise<void>)[] = []
  private working = false

  /** More than `limit` that wait are dropped. */
  constructor(private readonly limit: number) {}

  add(job: () => Promise<void>): void {
    if (this.queue.length >= this.limit) return
    this.queue.push(job)
    if (!this.working) void this.work()
  }

  private async work(): Promise<void> {
    this.working = true
    try {
      for (let job = this.queue.shift(); job; job = this.queue.shift()) await job()
    } catch {
      // The process is dying: nobody is left to tell.
      this.queue.length = 0
    } finally {
      this.working = false
    }
  }
}
