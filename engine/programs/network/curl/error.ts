/** A transfer that failed: curl's exit code and words. */
export class CurlError extends Error {
  constructor(readonly exit: number, message: string) {
    super(message)
  }
}

/** An upload that cannot be opened is told before anything is tried. */
export class UnreadableUpload extends Error {
  constructor(readonly path: string) {
    super(path)
  }
}
