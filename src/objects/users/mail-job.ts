import { BACKEND_TYPE, type Backend, backendOf, INSTANCE } from '../../engine/backend.ts'
import type { EngineContext } from '../../engine/context.ts'
import {
  CONFIRMATION_MAIL,
  PASSWORD_RESET_MAIL,
  WELCOME_MAIL,
} from '../../mail/default-templates.ts'
import type { MailTemplate } from '../../mail/templates.ts'
import { deliver } from '../emails/deliver.ts'

/** Sends a mail to a user of an app. */
export const MAIL_JOB = 'user.mail'

export type UserMail = 'welcome' | 'confirmation' | 'reset'

export type MailPayload = {
  readonly kind: UserMail
  readonly userId: string
  readonly link: string | null
  readonly token: string | null
  readonly subject: string | null
  readonly template: string | null
}

const DEFAULTS: Readonly<Record<UserMail, MailTemplate>> = {
  welcome: WELCOME_MAIL,
  confirmation: CONFIRMATION_MAIL,
  reset: PASSWORD_RESET_MAIL,
}

/** The job: reads the user and the backend as they are now, and sends. A user who is gone gets none. */
export async function sendUserMail(
  context: EngineContext,
  backendId: string,
  payload: MailPayload,
): Promise<void> {
  const user = await context.store.get({ backendId, type: 'user', id: payload.userId })
  const record = await context.store.get({ backendId: INSTANCE, type: BACKEND_TYPE, id: backendId })
  const hidden = JSON.parse(user?.hidden ?? '{}') as { email?: string }
  if (!user || !record || hidden.email === undefined) return
  const backend = backendOf(record)
  // Loaded with the first mail, as the mail client is.
  const { renderMail } = await import('../../mail/templates.ts')
  const content = renderMail(await templateOf(context, backend, payload), {
    app_name: backend.title ?? backend.name,
    name: nameOf(JSON.parse(user.data)),
    link: payload.link,
    key: backend.clientId,
    ...(payload.kind === 'reset'
      ? { reset_password_token: payload.token }
      : { confirmation_token: payload.token }),
  })
  await deliver(context, backend, {
    to: hidden.email,
    ...content,
    ...(payload.subject === null ? {} : { subject: payload.subject }),
  })
}

/** The claim by which a template of the app is found by its name. */
export function templateClaim(name: string): { scope: string; value: string } {
  return { scope: 'email_template.name', value: name }
}

async function templateOf(
  context: EngineContext,
  backend: Backend,
  payload: MailPayload,
): Promise<MailTemplate> {
  const own =
    payload.template === null
      ? null
      : await context.store.getByClaim(backend.id, templateClaim(payload.template))
  if (!own) return DEFAULTS[payload.kind]
  const { subject, body, plain_body } = JSON.parse(own.data) as Record<string, string | undefined>
  return { subject: subject ?? '', html: body ?? null, plain: plain_body ?? null }
}

function nameOf(data: { first_name?: string; username?: string }): string {
  return data.first_name ?? data.username ?? ''
}
