import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

export type ReceivedMail = {
  readonly to: readonly string[]
  readonly from: string
  readonly subject: string
  /** The plain body. */
  readonly text: string
}

/** A mail server on a free port of this machine, which keeps what it gets. */
export class Mailbox {
  readonly mails: ReceivedMail[] = []
  readonly #server: SMTPServer

  constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      onData: (stream, { envelope }, done) => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : ''
        const to = envelope.rcptTo.map((one) => one.address)
        text(stream).then((source) => {
          this.mails.push({ to, from, ...parsed(source) })
          done()
        }, done)
      },
    })
    // A client that hangs up is no fault of the server's.
    this.#server.on('error', () => undefined)
  }

  /** @returns the URL for `smtpUrl` */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const { port } = this.#server.server.address() as AddressInfo
    return `smtp://127.0.0.1:${port}`
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  /** The mails to one address, oldest first. */
  to(address: string): ReceivedMail[] {
    return this.mails.filter((mail) => mail.to.includes(address))
  }
}

/** The value of a parameter in the link of a mail. */
export function linkParam(mail: ReceivedMail | undefined, name: string): string {
  const link = /https?:\/\/\S+/.exec(mail?.text ?? '')?.[0] ?? ''
  return (URL.canParse(link) ? new URL(link).searchParams.get(name) : null) ?? ''
}

/** Enough of MIME for the mails that this server sends: one plain part, perhaps quoted. */
function parsed(source: string): { subject: string; text: string } {
  const [head = '', ...rest] = source.split('\r\n\r\n')
  const subject = /^Subject: (.*(?:\r\n[ \t].*)*)$/m.exec(head)?.[1]?.replace(/\r\n\s*/g, ' ') ?? ''
  const body = rest.join('\r\n\r\n')
  const boundary = /boundary="([^"]+)"/.exec(head)?.[1]
  if (!boundary) return { subject, text: decoded(head, body) }
  const parts = body.split(`--${boundary}`)
  const plain = parts.find((part) => /Content-Type: text\/plain/i.test(part)) ?? ''
  const [partHead = '', ...partBody] = plain.split('\r\n\r\n')
  return { subject, text: decoded(partHead, partBody.join('\r\n\r\n')) }
}

function decoded(head: string, body: string): string {
  if (/Transfer-Encoding: base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8')
  if (!/Transfer-Encoding: quoted-printable/i.test(head)) return body
  const unfolded = body.replace(/=\r\n/g, '')
  return unfolded.replace(/=([0-9A-F]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
