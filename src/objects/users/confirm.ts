import { defineMethod } from '../../engine/definition.ts'
import { draftOf } from '../../engine/draft.ts'
import { described, required, text } from '../../engine/params.ts'
import { load, retrying, save } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { formatDate } from '../../lib/dates.ts'
import { tokenDigest } from '../../lib/ids.ts'
import { findByEmail } from './account.ts'
import { assertMailWorks, assertTemplate, mailOperation, mailToken } from './mails.ts'
import { users } from './users.ts'

export const confirmUser = defineMethod({
  name: 'confirmUser',
  group: 'User',
  verb: 'GET',
  path: 'users/confirm_user',
  auth: 'none',
  summary: 'Confirms an e-mail address with the token of the mail, once.',
  params: {
    confirmation_token: required(text({ max: 200 })),
    ct: described(text({ max: 50 }), 'Of no meaning; later mails carried it.'),
  },
  returns: {},
  async run(call) {
    const digest = tokenDigest(call.params.confirmation_token)
    const claim = { scope: 'user.confirmation', value: digest }
    const found = await call.context.store.getByClaim(call.backend.id, claim)
    if (!found) throw new ApiError('param_invalid', 'Invalid confirmation token')
    await retrying(call, users, found.id, async () => {
      const draft = draftOf(await load(call, users, found.id))
      if (draft.hidden.confirmation !== digest) {
        throw new ApiError('param_invalid', 'Invalid confirmation token')
      }
      delete draft.hidden.confirmation
      draft.data.confirmed_at = formatDate(call.context.now())
      await save(call, users, draft)
    })
    return {}
  },
})

export const resendConfirmation = defineMethod({
  name: 'resendConfirmation',
  group: 'User',
  verb: 'GET',
  path: 'users/resend_confirmation',
  auth: 'none',
  summary:
    'Sends the confirmation mail again. The answer does not tell whether there is such a user.',
  params: {
    email: required(text({ max: 255 })),
    confirmation_subject: text({ max: 500 }),
    confirmation_template: text({ max: 255 }),
  },
  returns: {},
  async run(call) {
    assertMailWorks(call.context, call.backend)
    const { email, confirmation_subject: subject, confirmation_template: template } = call.params
    await assertTemplate(call, template)
    const found = await findByEmail(call, email)
    if (!found) return {}
    await retrying(call, users, found.id, async () => {
      const draft = draftOf(await load(call, users, found.id))
      if (draft.data.confirmed_at !== undefined) return
      const { token, digest } = mailToken()
      draft.hidden.confirmation = digest
      const mail = { kind: 'confirmation', userId: found.id, token, subject, template } as const
      draft.operations.push(mailOperation(call, mail))
      draft.hasJobs = true
      await save(call, users, draft)
    })
    return {}
  },
})
