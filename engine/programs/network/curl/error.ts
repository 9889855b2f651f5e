/** A transfer that failed: curl's exit code and words. */
export class CurlError extends Error {
  constructor(readonly exit: number, message: string) {
    super(message)
  }
}
