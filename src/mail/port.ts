/** One mail to one person, so that nobody sees the others' addresses and a retry repeats nothing. */
export type MailMessage = {
  /** An address alone: see {@link isMailAddress}. */
  readonly to: string
  /** An address, or a name with one: `Port <port@example.org>`. */
  readonly from: string
  readonly replyTo?: string
  readonly subject: string
  /** At least one of the two; with both, the reader's program chooses. */
  readonly text?: string
  readonly html?: string
}

export interface MailSender {
  /**
   * Resolves when the mail server has taken the mail. No retry: that is the job queue's part.
   * @throws {MailNotConfigured}
   * @throws {MailRefused} when the server will never take this mail
   */
  send(message: MailMessage): Promise<void>
}

/** There is no mail server to send by. */
export class MailNotConfigured extends Error {
  override readonly name = 'MailNotConfigured'

  constructor() {
    super(
      "No mail server is set: set HOMEPORT_SMTP_URL (smtp://user:password@host:587), or the backend's smtpUrl.",
    )
  }
}

/** The mail itself is at fault, such as a mailbox that does not exist: sending again is no use. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused'
}
