/** Areas that memory may be swapped to: nothing ever is, but who looks finds them. */
import { Errno } from '#engine/linux/abi/errno'

export interface SwapArea {
  readonly path: string
  readonly type: 'file' | 'partition'
  readonly sizeKb: number
  readonly priority: number
}

export class Swaps {
  private areas: SwapArea[] = []

  get list(): readonly SwapArea[] {
    return this.areas
  }

  get totalKb(): number {
    return this.areas.reduce((sum, area) => sum + area.sizeKb, 0)
  }

  /** Without a priority of its own each area gets one less than the one before. */
  add(path: string, type: SwapArea['type'], sizeKb: number, priority?: number): void {
    if (this.areas.some((area) => area.path === path)) throw new Errno('EBUSY', path)
    const lowest = Math.min(-1, ...this.areas.map((area) => area.priority))
    this.areas.push({ path, type, sizeKb, priority: priority ?? lowest - 1 })
  }

  remove(path: string): void {
    if (!this.areas.some((area) => area.path === path)) throw new Errno('EINVAL', path)
    this.areas = this.areas.filter((area) => area.path !== path)
  }

  load(areas: readonly SwapArea[]): void {
    this.areas = [...areas]
  }

  /** /proc/swaps. */
  text(): string {
    const rows = this.areas.map(({ path, type, sizeKb, priority }) => `${path.padEnd(40)}${type === 'file' ? 'file\t\t' : 'partition\t'}${sizeKb}\t\t0\t\t${priority}\n`)
    return `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n${rows.join('')}`
  }
}
