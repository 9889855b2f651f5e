import type { Environment } from '@marcbachmann/cel-js'

/** Registers what the library does not have by itself. */
export function register(environment: Environment, signature: string, run: (...args: never[]) => unknown): void {
  try {
    environment.registerFunction(signature, run as never)
  } catch {
    // The library brings a function of this signature along.
  }
}

/** A name whose functions are called with a dot: `sets.contains(a, b)`. */
export function registerNamespace(environment: Environment, name: string, functions: Readonly<Record<string, (...args: never[]) => unknown>>): void {
  class Namespace {}
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Namespace`
  environment.registerType(type, Namespace)
  environment.registerConstant(name, type, new Namespace())
  for (const [signature, run] of Object.entries(functions)) register(environment, `${type}.${signature}`, ((_: unknown, ...args: never[]) => run(...args)) as never)
}

/** Values of a registered type are the same when this says so. */
export function registerEquality<T>(environment: Environment, type: string, same: (a: T, b: T) => boolean): void {
  environment.registerOperator(`${type} == ${type}`, same)
}
