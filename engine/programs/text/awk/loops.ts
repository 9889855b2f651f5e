/** Loops: they break, go on, and let other processes have their turn now and then. */
import type { Awk } from '#engine/programs/text/awk/awk'
import { Jump } from '#engine/programs/text/awk/jump'
import { assign } from '#engine/programs/text/awk/places'
import { eachInTurn, type Soon, wait, whenDone } from '#engine/programs/text/awk/soon'
import type { Expression, Statement } from '#engine/programs/text/awk/syntax'
import { fromInput, toBoolean } from '#engine/programs/text/awk/values'

const turnsBetweenPauses = 4096

export interface Loop {
  readonly test: Expression | undefined
  readonly step: Statement | undefined
  readonly body: Statement
}

export function runLoop(awk: Awk, loop: Loop, testFirst: boolean): Promise<void> | undefined {
  let checks = testFirst
  for (;;) {
    if (++awk.ticks % turnsBetweenPauses === 0) return pause(awk).then(() => runLoop(awk, loop, checks))
    const goes = checks ? holds(awk, loop.test) : true
    if (goes instanceof Promise) return goes.then((going) => (going ? onward(awk, loop, body(awk, loop.body)) : undefined))
    if (!goes) return undefined
    checks = true
    const on = body(awk, loop.body)
    if (on instanceof Promise) return onward(awk, loop, on)
    if (!on) return undefined
    const waiting = loop.step && awk.execute(loop.step)
    if (waiting) return waiting.then(() => runLoop(awk, loop, true))
  }
}

/** From the end of a turn that had to wait: the rest waits wherever it must. */
async function onward(awk: Awk, loop: Loop, turn: Soon<boolean>): Promise<void> {
  for (let on = await turn; on; on = await body(awk, loop.body)) {
    if (loop.step) await awk.execute(loop.step)
    if (++awk.ticks % turnsBetweenPauses === 0) await pause(awk)
    if (!(await holds(awk, loop.test))) return
  }
}

function holds(awk: Awk, test: Expression | undefined): Soon<boolean> {
  return test ? whenDone(awk.evaluate(test), toBoolean) : true
}

/** False when the loop is broken. */
function body(awk: Awk, statement: Statement): Soon<boolean> {
  const caught = (error: unknown): boolean => {
    if (error instanceof Jump && error.kind === 'break') return false
    if (error instanceof Jump && error.kind === 'continue') return true
    throw error
  }
  try {
    const waiting = awk.execute(statement)
    return waiting ? waiting.then(() => true, caught) : true
  } catch (error) {
    return caught(error)
  }
}

async function pause(awk: Awk): Promise<void> {
  await awk.process.compute(0.5)
  if (awk.streams.isFull) await awk.streams.flush()
}

export function forIn(awk: Awk, { name, array, body: turn }: Extract<Statement, { type: 'forin' }>): Promise<void> | undefined {
  return wait(eachInTurn(awk.variables.array(array).keys(), (key) => {
    void assign(awk, { type: 'name', name }, fromInput(key))
    return body(awk, turn)
  }))
}
