import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, afterEach, before, describe, it } from 'node:test'
import { SMTPServer } from 'smtp-server'
import { Secret } from '../lib/secret.ts'
import { MailNotConfigured, MailRefused } from './port.ts'
import { SmtpMail } from './smtp.ts'
import { parseSmtpUrl } from './smtp-url.ts'

type Received = { from: string; to: string[]; user: string; source: string }

describe('SmtpMail', () => {
  const received: Received[] = []
  let connections = 0
  let url: Secret
  let mail = new SmtpMail()

  const server = new SMTPServer({
    // Offered by default with a certificate that nobody signed, as many a local server has it.
    authOptional: true,
    onConnect: (_, done) => {
      connections++
      done()
    },
    onAuth: ({ username, password }, _, done) => {
      if (username === 'us@er' && password === 'p:a/s') done(null, { user: username })
      else done(new Error('no'))
    },
    onRcptTo: ({ address }, _, done) => {
      const reply = { 'gone@example.org': 550, 'full@example.org': 452 }[address]
      done(reply ? Object.assign(new Error('refused'), { responseCode: reply }) : undefined)
    },
    onData: (stream, { envelope, user }, done) => {
      const from = envelope.mailFrom ? envelope.mailFrom.address : ''
      const to = envelope.rcptTo.map((one) => one.address)
      text(stream).then((source) => {
        received.push({ from, to, user: String(user), source })
        done()
      }, done)
    },
  })
  server.on('error', () => {})

  before(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.server.address() as AddressInfo
    url = new Secret(`smtp://us%40er:p%3Aa%2Fs@127.0.0.1:${port}`)
  })
  afterEach(() => {
    mail.close()
    mail = new SmtpMail()
    received.length = 0
    connections = 0
  })
  after(() => new Promise<void>((resolve) => server.close(() => resolve())))

  const message = {
    to: 'ada@example.org',
    from: 'Pier 7 <pier@example.org>',
    subject: 'Hello',
    text: 'plain words',
  }

  it('delivers a mail with both bodies, logged in', async () => {
    const full = { ...message, html: '<p>rich words</p>', replyTo: 'desk@example.org' }
    await mail.sender(url).send(full)
    const [{ from, to, user, source } = assert.fail('nothing came')] = received
    assert.deepEqual([from, to, user], ['pier@example.org', ['ada@example.org'], 'us@er'])
    assert.match(source, /^From: Pier 7 <pier@example\.org>\r$/m)
    assert.match(source, /^To: ada@example\.org\r$/m)
    assert.match(source, /^Reply-To: desk@example\.org\r$/m)
    assert.match(source, /^Subject: Hello\r$/m)
    assert.match(source, /multipart\/alternative/)
    assert.match(source, /plain words/)
    assert.match(source, /<p>rich words<\/p>/)
  })

  it('lets no header in by a line break', async () => {
    const subject = 'Hello\r\nBcc: eve@example.org'
    const from = 'Pier\r\nCc: eve@example.org <pier@example.org>'
    await mail.sender(url).send({ ...message, subject, from })
    const [{ to, source } = assert.fail('nothing came')] = received
    assert.deepEqual(to, ['ada@example.org'])
    assert.doesNotMatch(source, /^B?Cc:/im)
    for (const broken of ['ada@example.org\r\nBcc: eve@example.org', 'a@x.org,eve@x.org', 'ada']) {
      await assert.rejects(mail.sender(url).send({ ...message, to: broken }), MailRefused)
    }
    await assert.rejects(mail.sender(url).send({ ...message, from: 'nobody' }), MailRefused)
    assert.equal(received.length, 1)
  })

  it('keeps its connections for further mails', async () => {
    for (let i = 0; i < 5; i++) await mail.sender(url).send(message)
    assert.equal(received.length, 5)
    assert.equal(connections, 1)
  })

  it('tells a mail that is refused for good from one that may be sent later', async () => {
    const refused = mail.sender(url).send({ ...message, to: 'gone@example.org' })
    await assert.rejects(refused, MailRefused)
    await assert.rejects(mail.sender(url).send({ ...message, to: 'full@example.org' }), (error) => {
      return error instanceof Error && !(error instanceof MailRefused)
    })
  })

  it('does not take a wrong log-in for a bad mail, and does not tell the password', async () => {
    const wrong = new Secret(url.reveal().replace('p%3A', 'wrong'))
    await assert.rejects(mail.sender(wrong).send(message), (error) => {
      assert.ok(error instanceof Error && !(error instanceof MailRefused))
      assert.doesNotMatch(String(error.stack), /wrong/)
      return true
    })
  })

  it('fails when nothing listens', async () => {
    const nobody = new Secret('smtp://127.0.0.1:1')
    await assert.rejects(mail.sender(nobody).send(message), /ECONNREFUSED/)
  })

  it('says what to set when there is no server', async () => {
    await assert.rejects(mail.sender(null).send(message), (error) => {
      assert.ok(error instanceof MailNotConfigured)
      assert.match(error.message, /HOMEPORT_SMTP_URL.*smtpUrl/)
      return true
    })
  })
})

describe('parseSmtpUrl', () => {
  const parse = (url: string) => parseSmtpUrl(new Secret(url))

  it('reads the server, the log-in and how TLS is used', () => {
    assert.deepEqual(parse('smtps://a:b@mail.example.org'), {
      host: 'mail.example.org',
      port: 465,
      secure: true,
      requireTLS: false,
      tls: { rejectUnauthorized: true },
      auth: { user: 'a', pass: 'b' },
    })
    assert.equal(parse('smtp://a:b@mail.example.org').port, 587)
    assert.equal(parse('smtp://[::1]:2525').host, '::1')
    assert.equal('auth' in parse('smtp://mail.example.org:25'), false)
  })

  it('demands TLS where a password would cross a network, unless told otherwise', () => {
    assert.equal(parse('smtp://a:b@mail.example.org').requireTLS, true)
    assert.equal(parse('smtp://mail.example.org').requireTLS, false)
    assert.equal(parse('smtp://a:b@localhost').requireTLS, false)
    const optional = parse('smtp://a:b@mail.example.org?tls=optional')
    assert.deepEqual([optional.requireTLS, optional.tls.rejectUnauthorized], [false, false])
  })

  for (const url of [
    'mail.example.org:pa55',
    'http://a:pa55@mail.example.org',
    'smtp://a:pa55@',
    'smtp://a:pa55@host?tls=off',
    'smtp://a:pa55%@host',
    'pa55',
  ]) {
    it(`refuses ${url} without repeating the password`, () => {
      assert.throws(
        () => parse(url),
        (error: Error) => /SMTP URL/.test(error.message) && !/pa55/.test(String(error.stack)),
      )
    })
  }
})
