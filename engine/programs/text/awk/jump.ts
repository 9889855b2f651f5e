/** What leaves a statement before its end. */
import { unset, type Value } from '#engine/programs/text/awk/values'

export class RunTimeError extends Error {}

export class Jump {
  constructor(
    readonly kind: 'break' | 'continue' | 'next' | 'nextfile' | 'exit' | 'return',
    readonly value: Value = unset,
  ) {}
}
