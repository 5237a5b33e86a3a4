import { type Call, defineMethod, type Reply } from '../../engine/definition.ts'
import { draftOf } from '../../engine/draft.ts'
import { described, required, text } from '../../engine/params.ts'
import { VIEW_PARAMS } from '../../engine/query-params.ts'
import { endSession } from '../../engine/sessions.ts'
import { load, replyWith, retrying, save, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { hashPassword, verifyNothing, verifyPassword } from '../../lib/password.ts'
import { type StoredRecord, WriteConflict } from '../../storage/port.ts'
import { cancelDevice } from '../push/subscribe.ts'
import { assertConfirmed, calledBy, findByLogin, sessionFor } from './account.ts'
import { folded, users } from './users.ts'

const RETURNS = { key: 'users', schema: 'User', meta: { session_id: { type: 'string' } } }

export const loginUser = defineMethod({
  name: 'loginUser',
  group: 'User',
  verb: 'POST',
  path: 'users/login',
  auth: 'none',
  needsNoRole: true,
  summary: 'Logs in with an e-mail address or a username.',
  params: {
    login: described(required(text({ max: 255 })), 'E-mail address or username, in any case.'),
    password: required(text({ max: 1024 })),
    ...VIEW_PARAMS,
  },
  returns: RETURNS,
  async run(call) {
    const { login, password } = call.params
    const { record, rehash } = await guarded(call, login, () => verified(call, login, password))
    assertConfirmed(call, record)
    const newHash = rehash ? await hashPassword(password) : undefined
    return logIn(call, record.id, newHash)
  },
})

/**
 * Checks a password as the lockout allows. One at a time for each name, so that many who log in at
 * once with the right password are not taken for many who guess.
 *
 * @throws {ApiError} `rate_limited`
 */
export function guarded<T>(call: Call, login: string, check: () => Promise<T>): Promise<T> {
  const { lockout, turns, now } = call.context
  const name = `login:${call.backend.id}:${folded(login)}`
  return turns.run(name, async () => {
    const retryAfterS = lockout.attempt(name, now())
    if (retryAfterS > 0) {
      const text = `Too many attempts to log in with this name; try again in ${retryAfterS} s.`
      throw new ApiError('rate_limited', text, { retryAfterS })
    }
    const checked = await check()
    lockout.succeeded(name)
    return checked
  })
}

type Verified = { readonly record: StoredRecord; readonly rehash: boolean }

/** Takes as long for a name that nobody has, so that names cannot be found by the clock. */
export async function verified(call: Call, login: string, password: string): Promise<Verified> {
  const record = await findByLogin(call, login)
  const { password: hash } = JSON.parse(record?.hidden ?? '{}') as { password?: string }
  if (!record || hash === undefined) {
    await verifyNothing(password)
    throw new ApiError('login_failed')
  }
  const { ok, rehash } = await verifyPassword(hash, password)
  if (!ok) throw new ApiError('login_failed')
  return { record, rehash }
}

/** Starts a session, or takes the caller's over, and marks the user as seen now. */
async function logIn(call: Call, userId: string, newHash: string | undefined): Promise<Reply> {
  const { record, token } = await retrying(call, users, userId, async () => {
    const draft = draftOf(await load(call, users, userId))
    if (newHash !== undefined) draft.hidden.password = newHash
    const session = await sessionFor(call, userId)
    draft.operations.push(session.operation)
    return { record: await save(call, users, draft), token: session.token }
  })
  return loggedIn(call, record, token)
}

/** The answer to a login: the user as he sees himself, and his session. */
export async function loggedIn(call: Call, record: StoredRecord, token: string): Promise<Reply> {
  const reply = await replyWith(calledBy(call, record), users, [record])
  return { ...reply, sessionCookie: token, meta: { session_id: token } }
}

export const logoutUser = defineMethod({
  name: 'logoutUser',
  group: 'User',
  verb: 'GET',
  path: 'users/logout',
  auth: 'user',
  needsNoRole: true,
  summary: 'Ends the session.',
  params: {
    device_token: described(text({ max: 4096 }), 'A device that gets no more pushes.'),
    device_id: described(text({ max: 4096 }), 'The same, as some clients call it.'),
  },
  returns: {},
  async run(call) {
    const { session } = call.caller
    if (!session) throw new ApiError('session_required')
    const { device_token: token, device_id: sameToken } = call.params
    await cancelDevice(call, token || sameToken)
    try {
      await write(call, [endSession(call.backend, session)])
    } catch (error) {
      // Gone already: another logout with the same session came first.
      if (!(error instanceof WriteConflict)) throw error
    }
    return { sessionCookie: null }
  },
})

export const showMe = defineMethod({
  name: 'showMe',
  group: 'User',
  verb: 'GET',
  path: 'users/show/me',
  auth: 'user',
  summary: 'Shows the user who is logged in.',
  params: VIEW_PARAMS,
  returns: RETURNS,
  async run(call) {
    const record = await load(call, users, call.caller.userId ?? '')
    const reply = await replyWith(call, users, [record])
    return { ...reply, meta: { session_id: call.request.sessionToken } }
  },
})
