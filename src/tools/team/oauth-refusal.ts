type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'

type RefusalOptions = ErrorOptions & {
  /** Another status than RFC 6749 §5.2 gives the code. */
  readonly status?: number
  readonly retryAfterS?: number
}

/** A refusal of the token endpoint: its form is that of RFC 6749 §5.2, not that of the tools API. */
export class OAuthRefusal extends Error {
  override readonly name = 'OAuthRefusal'
  readonly error: OAuthErrorCode
  readonly status: number
  readonly retryAfterS: number | undefined

  constructor(error: OAuthErrorCode, description: string, options?: RefusalOptions) {
    super(description, options)
    this.error = error
    this.status = options?.status ?? (error === 'invalid_client' ? 401 : 400)
    this.retryAfterS = options?.retryAfterS
  }
}
