/** Status of a remote call, as gRPC words it: what kubelet, crictl and ctr print. */
export type RpcCode =
  | 'Canceled' | 'Unknown' | 'InvalidArgument' | 'DeadlineExceeded' | 'NotFound' | 'AlreadyExists' | 'PermissionDenied'
  | 'ResourceExhausted' | 'FailedPrecondition' | 'Aborted' | 'OutOfRange' | 'Unimplemented' | 'Internal' | 'Unavailable' | 'Unauthenticated'

const numbers: Readonly<Record<RpcCode, number>> = {
  Canceled: 1, Unknown: 2, InvalidArgument: 3, DeadlineExceeded: 4, NotFound: 5, AlreadyExists: 6, PermissionDenied: 7,
  ResourceExhausted: 8, FailedPrecondition: 9, Aborted: 10, OutOfRange: 11, Unimplemented: 12, Internal: 13, Unavailable: 14,
  Unauthenticated: 16,
}

export class RpcError extends Error {
  override readonly name = 'RpcError'

  constructor(
    readonly code: RpcCode,
    readonly description: string,
  ) {
    super(`rpc error: code = ${code} desc = ${description}`)
  }
}

export function isRpcError(error: unknown, ...codes: RpcCode[]): error is RpcError {
  return error instanceof RpcError && (codes.length === 0 || codes.includes(error.code))
}

export function rpcNumber(code: RpcCode): number {
  return numbers[code]
}

export function rpcCodeOf(number: number): RpcCode {
  return (Object.keys(numbers) as RpcCode[]).find((code) => numbers[code] === number) ?? 'Unknown'
}

/** What went wrong, in the words a Go program would print. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
