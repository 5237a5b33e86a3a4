import type { Backend } from '../../engine/backend.ts'
import type { EngineContext } from '../../engine/context.ts'
import { Secret } from '../../lib/secret.ts'
import type { MailMessage } from '../../mail/port.ts'

/** A mail of an app's; without a sender, the app's own is named. */
export type AppMail = Pick<MailMessage, 'to' | 'subject' | 'text' | 'html'> & {
  readonly from?: string
}

/** Sends by the app's mail server, or the installation's. In test mode nobody else gets a mail. */
export async function deliver(
  context: EngineContext,
  backend: Backend,
  mail: AppMail,
): Promise<void> {
  const { smtpUrl, mailFrom, mailTestMode, mailTestAddress } = backend.settings
  const to = mailTestMode ? mailTestAddress : mail.to
  if (to === null) return
  const url = smtpUrl === null ? context.mail.smtpUrl : new Secret(smtpUrl)
  const from = mail.from ?? mailFrom ?? context.mail.from ?? 'homeport@localhost'
  await context.mail.sender(url).send({ ...mail, to, from })
}
