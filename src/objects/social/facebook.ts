import type { Call } from '../../engine/definition.ts'
import { isHash } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'

const TIMEOUT_MS = 10_000

/** Friends are asked for in pages, and so many pages are read. */
const FRIENDS_PAGE = 500
const FRIENDS_PAGES_MAX = 10

type Answer = Readonly<Record<string, unknown>>

export type FacebookPerson = {
  readonly id: string
  readonly firstName: string | undefined
  readonly lastName: string | undefined
}

/**
 * Whom a token belongs to, as Facebook says. It must be one of the app's own: a token that any
 * other app got would log its users in here.
 *
 * @throws {ApiError} `login_failed`; `param_invalid` when no Facebook app is set; `unavailable`
 */
export async function facebookPerson(call: Call, token: string): Promise<FacebookPerson> {
  const appId = call.backend.settings.facebookAppId
  if (appId === null) {
    const text = "Facebook is not configured: set the backend's facebookAppId."
    throw new ApiError('param_invalid', text)
  }
  const app = await ask(call, '/app', { access_token: token })
  if (app.id !== appId) throw refused()
  const me = await ask(call, '/me', { access_token: token, fields: 'id,first_name,last_name' })
  if (typeof me.id !== 'string' || me.id === '') throw refused()
  return { id: me.id, firstName: name(me.first_name), lastName: name(me.last_name) }
}

/** Ids of the friends who use the same Facebook app: of others Facebook tells nothing. */
export async function facebookFriends(call: Call, token: string): Promise<string[]> {
  const ids: string[] = []
  let after: string | undefined
  for (let page = 0; page < FRIENDS_PAGES_MAX; page += 1) {
    const more = after === undefined ? {} : { after }
    const query = { access_token: token, fields: 'id', limit: String(FRIENDS_PAGE), ...more }
    const { data, paging } = await ask(call, '/me/friends', query)
    if (!Array.isArray(data)) throw refused()
    ids.push(...data.flatMap((one) => (isHash(one) && typeof one.id === 'string' ? [one.id] : [])))
    const cursors = isHash(paging) && paging.next && isHash(paging.cursors) ? paging.cursors : {}
    if (typeof cursors.after !== 'string') break
    after = cursors.after
  }
  return ids
}

async function ask(call: Call, path: string, query: Record<string, string>): Promise<Answer> {
  const url = `${call.context.outside.facebookUrl}${path}?${new URLSearchParams(query)}`
  let status: number
  let body: unknown
  try {
    const reply = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
    status = reply.status
    body = JSON.parse(await reply.text())
  } catch (cause) {
    // The address holds the token: nothing of what went wrong may be shown.
    throw new ApiError('unavailable', 'Facebook cannot be reached; try again later.', { cause })
  }
  if (status >= 500) throw new ApiError('unavailable', 'Facebook has a fault; try again later.')
  if (status !== 200 || !isHash(body)) throw refused()
  return body
}

function refused(): ApiError {
  return new ApiError('login_failed', 'Invalid external account or token')
}

function name(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.slice(0, 255) : undefined
}
