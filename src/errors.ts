/**
 * Every error a client can meet. docs/errors.md lists the same codes and a test compares the two.
 * `hub` is the number behind `MOBILE-` on the tools side; a number is never given to another code.
 */
const CATALOGUE = {
  app_key_missing: {
    status: 401,
    hub: 10001,
    message: '401 Unauthorized request. Please provide a valid App key or Oauth key.',
  },
  app_key_invalid: { status: 400, hub: 10002, message: 'Invalid app key' },
  oauth_signature_invalid: { status: 401, hub: 10003, message: 'Invalid OAuth signature' },
  backend_inactive: { status: 404, hub: 10004, message: 'This backend is not active.' },
  session_required: {
    status: 401,
    hub: 10005,
    message: 'You need to sign in or sign up before continuing.',
  },
  session_unknown: { status: 404, hub: 10006, message: 'Failed to find current_user' },
  login_failed: { status: 401, hub: 10007, message: 'Invalid email/username or password' },
  not_confirmed: {
    status: 401,
    hub: 10008,
    message: 'You have to confirm your e-mail address before logging in.',
  },
  admin_required: {
    status: 403,
    hub: 10009,
    message: 'You are not authorized to perform this action.',
  },
  access_denied: {
    status: 401,
    hub: 10010,
    message: 'You are not authorized to access this object.',
  },
  param_invalid: { status: 400, hub: 10011, message: 'A parameter is missing or malformed.' },
  object_unknown: { status: 400, hub: 10012, message: 'Invalid object id' },
  not_found: { status: 404, hub: 10013, message: 'There is nothing at this address.' },
  template_unknown: { status: 422, hub: 10014, message: 'Unknown e-mail template.' },
  conflict: { status: 409, hub: 10015, message: 'Someone else changed this at the same time.' },
  deprecated: { status: 410, hub: 10016, message: 'This method is no longer offered.' },
  too_large: { status: 413, hub: 10017, message: 'The request is too large.' },
  media_type_unsupported: {
    status: 415,
    hub: 10018,
    message: 'Send multipart/form-data, application/x-www-form-urlencoded or application/json.',
  },
  rate_limited: { status: 429, hub: 10019, message: 'Too many requests; wait and try again.' },
  internal: { status: 500, hub: 10020, message: 'Something went wrong on our side.' },
  unavailable: { status: 503, hub: 10021, message: 'The server is stopping or not ready.' },
  token_required: {
    status: 401,
    hub: 10101,
    message: 'Send "Authorization: Bearer" with the token of a team member.',
  },
  role_required: {
    status: 403,
    hub: 10102,
    message: "The team member's role does not allow this.",
  },
  asset_unknown: { status: 404, hub: 10103, message: 'There is no asset with this id.' },
  asset_exists: {
    status: 409,
    hub: 10104,
    message: 'An asset with this name and version exists already.',
  },
  asset_frozen: {
    status: 409,
    hub: 10105,
    message: 'A published or trashed asset cannot be edited; make a new version.',
  },
  etag_stale: {
    status: 412,
    hub: 10106,
    message: 'The asset was changed since you read it; read it again and retry.',
  },
  method_not_allowed: { status: 405, hub: 10107, message: 'This address does not take that verb.' },
  not_acceptable: { status: 406, hub: 10108, message: 'Only application/json can be sent here.' },
  setup_link_invalid: {
    status: 403,
    hub: 10109,
    message: 'This link was used or is too old. Restart the server to get a new one.',
  },
  setup_done: {
    status: 409,
    hub: 10110,
    message: 'There is an administrator already; ask them to add you to the team.',
  },
  member_exists: {
    status: 409,
    hub: 10111,
    message: 'A team member with this login exists already.',
  },
  member_unknown: { status: 404, hub: 10112, message: 'There is no team member with this login.' },
  access_token_unknown: { status: 404, hub: 10113, message: 'There is no token with this id.' },
  asset_blocked: { status: 409, hub: 10114, message: 'Other assets, or a policy, forbid this.' },
  dependency_unpublished: {
    status: 409,
    hub: 10115,
    message: 'What this asset needs is not published yet.',
  },
  target_invalid: { status: 409, hub: 10116, message: 'Calls cannot be rerouted to this backend.' },
  keys_revoked: {
    status: 404,
    hub: 10117,
    message: 'These keys were revoked; POST makes new ones.',
  },
  provider_unknown: {
    status: 404,
    hub: 10118,
    message: 'The backend has no identity provider with this id.',
  },
  policy_unknown: { status: 404, hub: 10119, message: 'No policy of this name is set.' },
} as const

export type ErrorCode = keyof typeof CATALOGUE

export const ERROR_CODES = Object.keys(CATALOGUE) as readonly ErrorCode[]

/** The status, the tools-side number and the default text of a code. */
export function errorEntry(code: ErrorCode): { status: number; hub: number; message: string } {
  return CATALOGUE[code]
}

type ApiErrorOptions = ErrorOptions & {
  /** Another status than the code's own, where the original service gave another. */
  readonly status?: number
  /** More for programs, on the tools side: what stands in the way, one by one. */
  readonly details?: object
}

/** An expected failure, safe to show to the client. Anything else thrown becomes a bare 500. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly status: number
  readonly details: object | null

  constructor(code: ErrorCode, message?: string, options?: ApiErrorOptions) {
    super(message ?? CATALOGUE[code].message, options)
    this.code = code
    this.status = options?.status ?? CATALOGUE[code].status
    this.details = options?.details ?? null
  }
}
