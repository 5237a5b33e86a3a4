import { defineMethod } from '../../engine/definition.ts'
import { draftOf } from '../../engine/draft.ts'
import { required, text } from '../../engine/params.ts'
import { otherSessions } from '../../engine/sessions.ts'
import { load, retrying, save } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { tokenDigest } from '../../lib/ids.ts'
import { findByEmail, newPasswordHash } from './account.ts'
import { assertMailWorks, assertTemplate, mailOperation, mailToken } from './mails.ts'
import { users } from './users.ts'

/** A mailed link works for so long, and once. */
const RESET_VALID_MS = 24 * 3_600_000

export const requestResetPassword = defineMethod({
  name: 'RequestResetPassword',
  group: 'User',
  verb: 'GET',
  path: 'users/request_reset_password',
  auth: 'none',
  summary:
    'Mails a link to set a new password. The answer does not tell whether there is such a user.',
  params: {
    email: required(text({ max: 255 })),
    subject: text({ max: 500 }),
    template: text({ max: 255 }),
  },
  returns: {},
  async run(call) {
    assertMailWorks(call.context, call.backend)
    const { email, subject, template } = call.params
    await assertTemplate(call, template)
    const found = await findByEmail(call, email)
    if (!found) return {}
    await retrying(call, users, found.id, async () => {
      const draft = draftOf(await load(call, users, found.id))
      if (draft.hidden.email === undefined) return
      const { token, digest } = mailToken()
      draft.hidden.reset = digest
      draft.hidden.reset_until = call.context.now() + RESET_VALID_MS
      const mail = { kind: 'reset', userId: found.id, token, subject, template } as const
      draft.operations.push(mailOperation(call, mail))
      draft.hasJobs = true
      await save(call, users, draft)
    })
    return {}
  },
})

export const resetPassword = defineMethod({
  name: 'ResetPassword',
  group: 'User',
  verb: 'GET',
  path: 'users/reset_password',
  auth: 'none',
  summary: 'Sets a new password with the token of the mail, once. All sessions end.',
  params: {
    reset_password_token: required(text({ max: 200 })),
    password: required(text({ max: 1024 })),
    password_confirmation: required(text({ max: 1024 })),
  },
  returns: {},
  async run(call) {
    const digest = tokenDigest(call.params.reset_password_token)
    const claim = { scope: 'user.reset', value: digest }
    const found = await call.context.store.getByClaim(call.backend.id, claim)
    if (!found) throw invalidToken()
    const passwordHash = await newPasswordHash('reset password', call.params)
    await retrying(call, users, found.id, async () => {
      const draft = draftOf(await load(call, users, found.id))
      const isValid = Number(draft.hidden.reset_until) > call.context.now()
      if (draft.hidden.reset !== digest || !isValid) throw invalidToken()
      delete draft.hidden.reset
      delete draft.hidden.reset_until
      draft.hidden.password = passwordHash
      const ended = await otherSessions(call.context, call.backend, found.id, null)
      draft.operations.push(...ended)
      await save(call, users, draft)
    })
    return {}
  },
})

function invalidToken(): ApiError {
  return new ApiError('param_invalid', 'Invalid or expired reset password token')
}
