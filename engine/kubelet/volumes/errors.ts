/** A volume cannot be had now: the event's reason and message. */
export class MountError extends Error {
  override readonly name = 'MountError'
  /** Of which volume, once it is known: `kubernetes.io/configmap/UID-NAME` and `NAME`. */
  operation: { readonly unique: string; readonly volume: string } | undefined

  constructor(
    message: string,
    readonly reason: 'FailedMount' | 'FailedAttachVolume' | 'FailedMapVolume' = 'FailedMount',
  ) {
    super(message)
  }
}
