import { randomUUID } from 'node:crypto'
import { BACKEND_TYPE, type Backend, backendOf, INSTANCE } from '../../engine/backend.ts'
import type { EngineContext } from '../../engine/context.ts'
import { type Call, defineMethod } from '../../engine/definition.ts'
import { SHARED_PARAMS } from '../../engine/method-params.ts'
import { assertStorable, described, list, required, text } from '../../engine/params.ts'
import { retryLoop, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { parseMailbox, parseRecipients } from '../../mail/address.ts'
import type { MailBodies, MailTemplate } from '../../mail/templates.ts'
import type { WriteOperation } from '../../storage/port.ts'
import { countInHour } from '../allowance.ts'
import { templateClaim } from '../users/mail-job.ts'
import { assertMailWorks } from '../users/mails.ts'
import { deliver } from './deliver.ts'

/** Sends one mail of a template to one recipient. */
export const TEMPLATE_MAIL_JOB = 'email.template'

export type TemplateMail = {
  readonly to: string
  readonly from: string | null
  /** The name: a template that is changed meanwhile is sent as it then is. */
  readonly template: string
  readonly bodies: MailBodies | null
  readonly values: Readonly<Record<string, string>>
}

const BODIES = /^(plain|html|multipart)$/

const PARAMS = {
  template: described(required(text({ max: 255 })), 'The name of an e-mail template of the app.'),
  recipients: described(required(list()), 'Addresses, comma-separated; each gets a mail alone.'),
  content_type: described(
    text({ max: 20, pattern: BODIES, expected: 'plain, html or multipart' }),
    'Which bodies of the template to send; absent: those that it has.',
  ),
  from: described(text({ max: 320 }), "The sender, in place of the app's own."),
}

/** Anything else that is sent fills in a placeholder. */
const NO_PLACEHOLDERS = new Set([...Object.keys(PARAMS), ...Object.keys(SHARED_PARAMS)])

/** Characters of all values together: they are kept with each mail until it is sent. */
const VALUES_LENGTH_MAX = 64_000

export const emailFromTemplate = defineMethod({
  name: 'emailFromTemplate',
  group: 'Email',
  verb: 'POST',
  path: 'custom_mailer/email_from_template',
  auth: 'none',
  summary: 'Sends a mail made of a template; any other parameter fills in its placeholder.',
  params: PARAMS,
  returns: {},
  async run(call) {
    const { template } = call.params
    const found = await templateNamed(call.context, call.backend, template)
    if (!found) throw new ApiError('template_unknown')
    const { content_type: bodies, from } = call.params
    const recipients = parseRecipients(call.params.recipients.join(','), 'recipients')
    if (from && !parseMailbox(from)) {
      const text = 'Invalid from parameter; value must be an address, or a name with one'
      throw new ApiError('param_invalid', text)
    }
    const values = placeholders(call)
    // Loaded with the first mail, as the mail client is.
    const { renderMail } = await import('../../mail/templates.ts')
    renderMail(found, values, (bodies || undefined) as MailBodies | undefined)
    assertMailWorks(call.context, call.backend)
    const mail = { template, values, from: from || null, bodies: (bodies || null) as MailBodies }
    const max = call.backend.settings.templateMailsPerHour
    const allowance = { type: '$mail_count', what: 'mails', max, isStrict: true }
    await retryLoop(async () => {
      const counted = await countInHour(call, allowance, recipients.length)
      await write(call, [...counted, ...recipients.map((to) => enqueued(call, { ...mail, to }))])
    })
    call.context.wakeJobs()
    return {}
  },
})

async function templateNamed(
  { store }: EngineContext,
  backend: Backend,
  name: string,
): Promise<MailTemplate | null> {
  const record = await store.getByClaim(backend.id, templateClaim(name))
  if (!record) return null
  const { subject, body, plain_body } = JSON.parse(record.data) as Record<
    string,
    string | undefined
  >
  return { subject: subject ?? '', html: body ?? null, plain: plain_body ?? null }
}

/** @throws {ApiError} `param_invalid` */
function placeholders({ input }: Call): Record<string, string> {
  const values: Record<string, string> = {}
  let length = 0
  for (const [name, value] of Object.entries(input)) {
    if (NO_PLACEHOLDERS.has(name) || name.startsWith('oauth_')) continue
    if (!['string', 'number', 'boolean'].includes(typeof value)) continue
    const shown = String(value)
    assertStorable(name, 'The name of a')
    assertStorable(shown, name)
    length += name.length + shown.length
    values[name] = shown
  }
  if (length <= VALUES_LENGTH_MAX) return values
  throw new ApiError('too_large', `At most ${VALUES_LENGTH_MAX} characters of values are taken.`)
}

function enqueued({ context, backend }: Call, mail: TemplateMail): WriteOperation {
  const job = {
    backendId: backend.id,
    id: randomUUID(),
    kind: TEMPLATE_MAIL_JOB,
    payload: JSON.stringify(mail),
    runAt: context.now(),
  }
  return { op: 'enqueue', job }
}

/** The job. A template that is gone by now sends nothing any more. */
export async function sendTemplateMail(
  context: EngineContext,
  backendId: string,
  { to, from, template, bodies, values }: TemplateMail,
): Promise<void> {
  const record = await context.store.get({ backendId: INSTANCE, type: BACKEND_TYPE, id: backendId })
  const backend = record && backendOf(record)
  const found = backend && (await templateNamed(context, backend, template))
  if (!backend || !found) return
  const { renderMail } = await import('../../mail/templates.ts')
  const content = renderMail(found, values, bodies ?? undefined)
  await deliver(context, backend, { to, ...content, ...(from === null ? {} : { from }) })
}
