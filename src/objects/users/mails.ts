import { randomUUID } from 'node:crypto'
import type { Backend } from '../../engine/backend.ts'
import type { EngineContext } from '../../engine/context.ts'
import type { Call } from '../../engine/definition.ts'
import { ApiError } from '../../errors.ts'
import { sessionToken, tokenDigest } from '../../lib/ids.ts'
import type { WriteOperation } from '../../storage/port.ts'
import { MAIL_JOB, type MailPayload, templateClaim, type UserMail } from './mail-job.ts'

export type MailToken = {
  /** What the mail shows. */
  readonly token: string
  /** What is stored of it. */
  readonly digest: string
}

export function mailToken(): MailToken {
  const token = sessionToken()
  return { token, digest: tokenDigest(token) }
}

/** @throws {ApiError} `param_invalid` that says what to set, before anything is written */
export function assertMailWorks(context: EngineContext, backend: Backend): void {
  const { smtpUrl, mailTestMode, mailTestAddress } = backend.settings
  if (smtpUrl !== null || context.mail.smtpUrl !== null) return
  if (mailTestMode && mailTestAddress === null) return
  throw new ApiError(
    'param_invalid',
    "E-mail is not configured: set HOMEPORT_SMTP_URL, or the backend's smtpUrl.",
  )
}

/** @throws {ApiError} `template_unknown` for a name that no template of the app has */
export async function assertTemplate(call: Call, name: string | undefined): Promise<void> {
  if (!name) return
  const found = await call.context.store.getByClaim(call.backend.id, templateClaim(name))
  if (!found) throw new ApiError('template_unknown')
}

type Mail = {
  readonly kind: UserMail
  readonly userId: string
  readonly token?: string
  readonly subject?: string | undefined
  readonly template?: string | undefined
}

/** The operation that puts a mail to a user on the queue. */
export function mailOperation(
  call: Call,
  { kind, userId, token, subject, template }: Mail,
): WriteOperation {
  const { backend, context } = call
  const payload: MailPayload = {
    kind,
    userId,
    link: token === undefined ? null : linkOf(kind, ownUrl(call), backend, token),
    token: token ?? null,
    subject: subject || null,
    template: template || null,
  }
  const job = {
    backendId: backend.id,
    id: randomUUID(),
    kind: MAIL_JOB,
    payload: JSON.stringify(payload),
    runAt: context.now(),
  }
  return { op: 'enqueue', job }
}

const LOOPBACK = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/**
 * Where a mailed link leads. Whoever sends a request chooses its Host header, and with it where the
 * token in somebody else's mail would go: only the set address counts, or this very machine.
 *
 * @throws {ApiError} `param_invalid` that says what to set
 */
function ownUrl({ context, request }: Call): string {
  if (context.publicUrl !== null) return context.publicUrl
  if (LOOPBACK.test(request.baseUrl)) return request.baseUrl
  throw new ApiError(
    'param_invalid',
    'E-mail is not configured: set HOMEPORT_PUBLIC_URL, so that links in mails lead here.',
  )
}

/** The page that the mail's link opens; see http/account-pages.ts. */
function linkOf(kind: UserMail, baseUrl: string, backend: Backend, token: string): string {
  const path = kind === 'reset' ? 'reset-password' : 'confirm'
  const query = new URLSearchParams({ key: backend.clientId ?? '', token })
  return `${baseUrl}/account/${path}?${query}`
}
