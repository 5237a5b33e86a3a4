import type { Secret } from '../lib/secret.ts'

export type SmtpServer = {
  readonly host: string
  readonly port: number
  /** TLS from the first byte; otherwise STARTTLS if the server offers it. */
  readonly secure: boolean
  /** Rather no mail than one without TLS. */
  readonly requireTLS: boolean
  readonly tls: { readonly rejectUnauthorized: boolean }
  readonly auth?: { readonly user: string; readonly pass: string }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1'])
const FORM = 'smtp://user:password@host:587 or smtps://user:password@host:465'

/**
 * Reads where to send mail by. Certificates are checked, and a password is never sent in the clear;
 * neither holds for this machine, or with `?tls=optional` at the end.
 *
 * @throws {Error} that does not repeat the URL, since it holds a password
 */
export function parseSmtpUrl(secret: Secret): SmtpServer {
  const text = secret.reveal()
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    throw new Error(`The SMTP URL must have the form ${FORM}.`)
  }
  const options = [...url.searchParams].map(([name, value]) => `${name}=${value}`)
  if (options.some((option) => option !== 'tls=optional')) {
    throw new Error('The SMTP URL may only have the option "?tls=optional".')
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const secure = url.protocol === 'smtps:'
  const trusting = LOOPBACK.has(host) || options.length > 0
  const auth = url.username !== '' && { user: decoded(url.username), pass: decoded(url.password) }
  return {
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && auth !== false && !trusting,
    tls: { rejectUnauthorized: !trusting },
    ...(auth && { auth }),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('In the SMTP URL a "%" of the user or password must be written "%25".')
  }
}
