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
  scope_required: { status: 403, hub: 10130, message: 'The token is limited to other scopes.' },
  sign_in_required: {
    status: 403,
    hub: 10131,
    message: 'Sign in with a password for this; no personal token and no script may do it.',
  },
  last_administrator: {
    status: 409,
    hub: 10132,
    message: 'Nobody else could administer; make another member an administrator first.',
  },
  password_wrong: { status: 403, hub: 10133, message: 'The old password is not the right one.' },
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
  package_invalid: { status: 400, hub: 10140, message: 'The archive is not a package.' },
  package_blocked: {
    status: 409,
    hub: 10141,
    message: 'The package cannot be installed here as it is.',
  },
  role_unknown: { status: 404, hub: 10120, message: 'There is no role with this id.' },
  policy_unknown: { status: 404, hub: 10119, message: 'No policy of this name is set.' },
  backend_role_required: {
    status: 403,
    hub: 10201,
    message: "You have none of the roles that this backend's users need.",
  },
  credentials_invalid: { status: 401, hub: 10202, message: 'These credentials open no backend.' },
  user_required: { status: 403, hub: 10203, message: 'Only a user who has logged in may do this.' },
  collection_unknown: {
    status: 404,
    hub: 10204,
    message: 'The backend has no storage collection of this name.',
  },
  stored_object_unknown: {
    status: 404,
    hub: 10205,
    message: 'The collection has no object with this id.',
  },
  collection_denied: {
    status: 403,
    hub: 10206,
    message: 'Your permission for this collection does not go so far.',
  },
  range_invalid: { status: 416, hub: 10207, message: 'The object is shorter than that.' },
  app_policy_unknown: {
    status: 404,
    hub: 10208,
    message: 'The backend has no app policy of this name.',
  },
  device_unknown: {
    status: 400,
    hub: 10220,
    message: 'No device with this token is registered for this app.',
  },
  provider_unsupported: {
    status: 400,
    hub: 10221,
    message: 'Nothing here can send by this service.',
  },
  notification_unknown: {
    status: 404,
    hub: 10222,
    message: 'The backend has no notification with this id.',
  },
  notification_sent: {
    status: 400,
    hub: 10223,
    message: 'Only what is still scheduled can be taken back.',
  },
  profile_unknown: { status: 404, hub: 10224, message: 'There is no profile with this id.' },
  analytics_app_unknown: {
    status: 404,
    hub: 10225,
    message: 'There is no analytics app with this id.',
  },
  location_unknown: {
    status: 404,
    hub: 10226,
    message: 'There is no such place, asset or device.',
  },
  location_exists: {
    status: 409,
    hub: 10227,
    message: 'A place, asset or device has this name, or this one, already.',
  },
  definition_invalid: {
    status: 400,
    hub: 10301,
    message: 'The definition of the API cannot be used.',
  },
  archive_invalid: {
    status: 400,
    hub: 10302,
    message: 'The archive is not one of an implementation.',
  },
  artifact_unknown: { status: 404, hub: 10303, message: 'There is no file with this id.' },
  api_unknown: { status: 404, hub: 10304, message: 'The backend has no API of this name.' },
  api_role_required: {
    status: 403,
    hub: 10305,
    message: 'You have none of the roles that users of this API need.',
  },
  implementation_not_running: {
    status: 501,
    hub: 10306,
    message: 'Nobody has said where the implementation of this API runs.',
  },
  implementation_missing: {
    status: 503,
    hub: 10307,
    message: 'A policy binds this API to an implementation that is not there.',
  },
  upstream_failed: {
    status: 502,
    hub: 10308,
    message: 'The program behind this API cannot be reached.',
  },
  upstream_timeout: {
    status: 504,
    hub: 10309,
    message: 'The program behind this API did not answer in time.',
  },
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
  /** Seconds after which the same call may succeed. */
  readonly retryAfterS?: number
}

/** An expected failure, safe to show to the client. Anything else thrown becomes a bare 500. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly status: number
  readonly details: object | null
  readonly retryAfterS: number | null

  constructor(code: ErrorCode, message?: string, options?: ApiErrorOptions) {
    super(message ?? CATALOGUE[code].message, options)
    this.code = code
    this.status = options?.status ?? CATALOGUE[code].status
    this.details = options?.details ?? null
    this.retryAfterS = options?.retryAfterS ?? null
  }
}
