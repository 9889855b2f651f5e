/** test and `[`. */
import { compareNumbers } from '#engine/shell/arithmetic/compare'
import { builtin, type BuiltinCall } from '#engine/shell/builtins/builtin'
import { evaluateTest, type TestHost } from '#engine/shell/builtins/test-expression'
import { compareFiles, fileTest, isFileTest } from '#engine/shell/builtins/test-files'
import { variableIsSet } from '#engine/shell/builtins/variable-set'
import { BuiltinError } from '#engine/shell/state/signals'

const comparisons = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef'])

export const testBuiltin = builtin((call) => {
  let { args } = call
  if (call.name === '[') {
    if (args[args.length - 1] !== ']') throw new BuiltinError("missing `]'", 2)
    args = args.slice(0, -1)
  }
  return evaluateTest(new Host(call), args) ? 0 : 1
})

class Host implements TestHost {
  constructor(private readonly call: BuiltinCall) {}

  isUnary(operator: string): boolean {
    return isFileTest(operator) || /^-[znovR]$/.test(operator)
  }

  isBinary(operator: string): boolean {
    return comparisons.has(operator)
  }

  unary(operator: string, operand: string): boolean {
    const { shell } = this.call
    switch (operator) {
      case '-z': return operand === ''
      case '-n': return operand !== ''
      case '-o': return shell.options.on(operand)
      case '-v': return variableIsSet(shell, operand)
      case '-R': return shell.vars.find(operand)?.nameref ?? false
      case '-t':
        if (!/^\s*[+-]?\d+\s*$/.test(operand)) throw new BuiltinError(`${operand}: integer expression expected`, 2)
        return fileTest(shell.process, operator, operand.trim())
      default: return fileTest(shell.process, operator, operand)
    }
  }

  binary(operator: string, left: string, right: string): boolean {
    switch (operator) {
      case '=': case '==': return left === right
      case '!=': return left !== right
      case '<': return left < right
      case '>': return left > right
      case '-nt': case '-ot': case '-ef': return compareFiles(this.call.shell.process, operator, left, right)
      default: return compareNumbers(operator, this.integer(left), this.integer(right))
    }
  }

  private integer(text: string): bigint {
    const match = /^\s*([+-]?\d+)\s*$/.exec(text)
    if (!match) throw new BuiltinError(this.call.shell.posixShell ? `Illegal number: ${text}` : `${text}: integer expression expected`, 2)
    const value = BigInt((match[1] as string).replace(/^\+/, ''))
    if (BigInt.asIntN(64, value) !== value) throw new BuiltinError(`${text}: integer expression expected`, 2)
    return value
  }

  error(kind: Parameters<TestHost['error']>[0], token: string): Error {
    switch (kind) {
      case 'unary-expected': return new BuiltinError(`${token}: unary operator expected`, 2)
      case 'binary-expected': return new BuiltinError(`${token}: binary operator expected`, 2)
      case 'too-many': return new BuiltinError('too many arguments', 2)
      case 'paren-expected': return new BuiltinError(token === '' ? "`)' expected" : `\`)' expected, found ${token}`, 2)
      default: return new BuiltinError('argument expected', 2)
    }
  }
}
