/** serviceaccounts/token: signs tokens. */
export interface TokenSigner {
  sign(claims: Readonly<Record<string, unknown>>): string
  /** `--service-account-extend-token-expiration` */
  readonly extend: boolean
  readonly maxExpirationSeconds?: number
}
