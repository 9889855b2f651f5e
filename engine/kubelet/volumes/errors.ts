/** A volume cannot be had now: the event's reason and message. */
export class MountError extends Error {
  override readonly name = 'MountError'

  constructor(
    message: string,
    readonly reason: 'FailedMount' | 'FailedAttachVolume' | 'FailedMapVolume' = 'FailedMount',
  ) {
    super(message)
  }
}
