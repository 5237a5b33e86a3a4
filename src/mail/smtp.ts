import { LRUCache } from 'lru-cache'
import type { Transporter } from 'nodemailer'
import type { Secret } from '../lib/secret.ts'
import { headerText, isMailAddress, type Mailbox, parseMailbox } from './address.ts'
import { type MailMessage, MailNotConfigured, MailRefused, type MailSender } from './port.ts'
import { parseSmtpUrl } from './smtp-url.ts'

/** Backends may bring their own mail servers; connections to the least used ones are closed. */
const SERVERS_MAX = 50

const TIMEOUTS = {
  dnsTimeout: 10_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 30_000,
}

/** Mail by SMTP, over a few kept connections to each server. */
export class SmtpMail {
  readonly #transports = new LRUCache<string, Transporter>({
    max: SERVERS_MAX,
    dispose: (transport) => transport.close(),
  })

  /** @param url see `smtp-url.ts`; without one, sending fails with {@link MailNotConfigured} */
  sender(url: Secret | null): MailSender {
    return {
      send: async (message) => {
        if (!url) throw new MailNotConfigured()
        await deliver(await this.#transportFor(url), message)
      },
    }
  }

  /** Closes all connections; mails under way are given up. */
  close(): void {
    this.#transports.clear()
  }

  async #transportFor(url: Secret): Promise<Transporter> {
    // Loaded with the first mail: many installations send none.
    const { createTransport } = await import('nodemailer')
    const key = url.reveal()
    const known = this.#transports.get(key)
    if (known) return known
    const transport = createTransport({
      ...parseSmtpUrl(url),
      ...TIMEOUTS,
      pool: true,
      maxConnections: 2,
      maxMessages: 100,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    this.#transports.set(key, transport)
    return transport
  }
}

async function deliver(transport: Transporter, message: MailMessage): Promise<void> {
  const { to, subject, text, html, replyTo } = message
  const from = mailbox(message.from, 'sender')
  if (!isMailAddress(to)) throw new MailRefused('The recipient is no mail address.')
  try {
    await transport.sendMail({
      from,
      to: { name: '', address: to },
      ...(replyTo !== undefined && { replyTo: mailbox(replyTo, 'reply address') }),
      subject: headerText(subject),
      ...(text !== undefined && { text }),
      ...(html !== undefined && { html }),
      envelope: { from: from.address, to: [to] },
    })
  } catch (error) {
    throw isFinal(error) ? new MailRefused(messageOf(error), { cause: error }) : error
  }
}

function mailbox(text: string, what: string): Mailbox {
  const found = parseMailbox(text)
  if (!found) throw new MailRefused(`The ${what} is no mail address.`)
  return found
}

/** Authentication required (RFC 4954 §6): an administrator may put that right. */
const LOGIN_MISSING = 530

/** The server refused this mail, and not us, for good (RFC 5321 §4.2.1: codes from 500). */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error) || !('responseCode' in error) || !('code' in error)) return false
  const isAboutMail = error.code === 'EENVELOPE' || error.code === 'EMESSAGE'
  const reply = Number(error.responseCode)
  return isAboutMail && reply >= 500 && reply !== LOGIN_MISSING
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
