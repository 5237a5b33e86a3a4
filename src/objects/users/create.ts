import { type Call, defineMethod } from '../../engine/definition.ts'
import { newDraft } from '../../engine/draft.ts'
import { fill, validationFailed } from '../../engine/fill.ts'
import { ACL_PARAMS, writeParams } from '../../engine/method-params.ts'
import { described, text } from '../../engine/params.ts'
import { replyWith, retryLoop, save } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { objectId } from '../../lib/ids.ts'
import { beginUser, calledBy, newPasswordHash, sessionFor, setEmail } from './account.ts'
import { assertMailWorks, assertTemplate, mailOperation, mailToken } from './mails.ts'
import { users } from './users.ts'

export const ACCOUNT_PARAMS = {
  email: text({ max: 255 }),
  password: text({ max: 1024 }),
  password_confirmation: text({ max: 1024 }),
}

/** Nobody makes a user for another: he is his own. */
const { su_id: _, ...CONTENT } = writeParams(users)

/** Makes a user and logs the caller in as him, unless the caller is an administrator. */
export const createUser = defineMethod({
  name: 'createUser',
  group: 'User',
  verb: 'POST',
  path: 'users/create',
  auth: 'none',
  summary: 'Makes a user and logs in as him. An administrator stays logged in as himself.',
  params: {
    ...CONTENT,
    ...ACCOUNT_PARAMS,
    ...ACL_PARAMS,
    template: described(text({ max: 255 }), 'An e-mail template for a welcome mail.'),
    confirmation_template: described(text({ max: 255 }), 'One for the confirmation mail.'),
  },
  returns: { key: 'users', schema: 'User', meta: { session_id: { type: 'string' } } },
  async run(call) {
    const { settings } = call.backend
    if (!settings.allowUserCreation && !call.caller.admin) throw new ApiError('admin_required')
    await assertTemplate(call, call.params.template)
    await assertTemplate(call, call.params.confirmation_template)
    const passwordHash = await newPasswordHash('create user', call.params)
    if (passwordHash === undefined) {
      throw validationFailed('create user', ["Password can't be blank"])
    }
    const userId = objectId(call.context.now())
    const { record, token } = await retryLoop(async () => {
      const draft = newDraft(userId, userId)
      draft.hidden.password = passwordHash
      setEmail(draft, call.params.email, 'create user')
      const confirms = settings.newUserVerification && draft.hidden.email !== undefined
      beginUser(draft, call.context.now(), !confirms)
      await fill(call, users, draft, 'create')
      addMails(call, draft, confirms)
      // Whoever must confirm first has no session yet; an administrator goes on as himself.
      const session = confirms || call.caller.admin ? null : await sessionFor(call, userId)
      if (session) draft.operations.push(session.operation)
      return { record: await save(call, users, draft), token: session?.token }
    })
    if (token === undefined) return replyWith(call, users, [record])
    const reply = await replyWith(calledBy(call, record), users, [record])
    return { ...reply, sessionCookie: token, meta: { session_id: token } }
  },
})

function addMails(call: Call, draft: ReturnType<typeof newDraft>, confirms: boolean): void {
  const { template, confirmation_template } = call.params as Record<string, string | undefined>
  if (confirms) {
    assertMailWorks(call.context, call.backend)
    const { token, digest } = mailToken()
    draft.hidden.confirmation = digest
    const mail = { kind: 'confirmation', userId: draft.id, token } as const
    draft.operations.push(mailOperation(call, { ...mail, template: confirmation_template }))
    draft.hasJobs = true
  } else if (template && draft.hidden.email !== undefined) {
    assertMailWorks(call.context, call.backend)
    draft.operations.push(mailOperation(call, { kind: 'welcome', userId: draft.id, template }))
    draft.hasJobs = true
  }
}
