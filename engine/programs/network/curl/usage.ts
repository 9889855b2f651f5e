/** Wrong usage, with what follows `curl: ` and perhaps the hint; exit code 2 and others. */
export class CurlUsageError extends Error {
  constructor(message: string, readonly exit = 2, readonly hint = true) {
    super(message)
  }
}
