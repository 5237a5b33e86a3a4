import assert from 'node:assert/strict'
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { importJWK, jwtVerify } from 'jose'
import webPush from 'web-push'
import { TEST_CA } from '../../test/support/push-certificates.ts'
import { PushStandIn } from '../../test/support/push-stand-in.ts'
import { readWebPush } from './credentials.ts'
import { endpointRefusal } from './endpoint-guard.ts'
import type { PushMessage } from './port.ts'
import { WebPushSender } from './web-push.ts'

const never = new AbortController().signal
const vapid = webPush.generateVAPIDKeys()
const given = { subject: 'mailto:pier@example.org', ...vapid }

/** A browser with a subscription, which reads what is encrypted for it (RFC 8291, RFC 8188). */
class Browser {
  readonly #ecdh = createECDH('prime256v1')
  readonly #auth = randomBytes(16)

  constructor() {
    this.#ecdh.generateKeys()
  }

  token(endpoint: string): string {
    const p256dh = this.#ecdh.getPublicKey().toString('base64url')
    return JSON.stringify({ endpoint, keys: { p256dh, auth: this.#auth.toString('base64url') } })
  }

  read(body: Buffer): string {
    const salt = body.subarray(0, 16)
    const sender = body.subarray(21, 21 + (body[20] ?? 0))
    const sealed = body.subarray(21 + sender.length)
    const shared = this.#ecdh.computeSecret(sender)
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#ecdh.getPublicKey(), sender])
    const key = Buffer.from(hkdfSync('sha256', shared, this.#auth, info, 32))
    const derived = (name: string, length: number) =>
      Buffer.from(hkdfSync('sha256', key, salt, `Content-Encoding: ${name}\0`, length))
    const cipher = createDecipheriv('aes-128-gcm', derived('aes128gcm', 16), derived('nonce', 12))
    cipher.setAuthTag(sealed.subarray(-16))
    const plain = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()])
    // The text ends at a byte of value 2, and zeros may follow.
    return plain.subarray(0, plain.lastIndexOf(2)).toString()
  }
}

describe('WebPushSender', () => {
  let service: PushStandIn
  const now = Date.now()
  const browser = new Browser()
  let sender: WebPushSender
  before(async () => {
    service = await PushStandIn.start()
    sender = new WebPushSender({
      credentials: readWebPush(given),
      rules: { more: [new URL(service.origin).host] },
      ca: [TEST_CA],
      now: () => now,
    })
  })
  beforeEach(() => service.forget())
  after(async () => {
    sender.close()
    await service.close()
  })

  const message = (changes: Partial<PushMessage> = {}): PushMessage => ({
    notificationId: '5f00c0ffee0000000000000a',
    token: browser.token(`${service.origin}/push/one`),
    body: '{"alert":"Gale"}',
    isSilent: false,
    expiresAt: null,
    ...changes,
  })

  it('posts what only the browser can read', async () => {
    assert.deepEqual(await sender.send(message(), never), { kind: 'sent' })
    const [got] = service.received
    assert.deepEqual([got?.method, got?.path], ['POST', '/push/one'])
    assert.equal(got?.headers['content-encoding'], 'aes128gcm')
    assert.equal(got?.body.includes('Gale'), false)
    assert.equal(browser.read(got?.bytes ?? Buffer.of()), '{"alert":"Gale"}')
  })

  it('signs with VAPID for the service that it calls', async () => {
    await sender.send(message(), never)
    const header = service.received[0]?.headers.authorization ?? ''
    const [, token = '', key] = /^vapid t=([^,]+), k=(.+)$/.exec(header) ?? []
    assert.equal(key, vapid.publicKey)
    const point = Buffer.from(vapid.publicKey, 'base64url')
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((one) =>
      one.toString('base64url'),
    )
    const publicKey = await importJWK({ kty: 'EC', crv: 'P-256', x, y } as never, 'ES256')
    const { payload } = await jwtVerify(token, publicKey)
    assert.equal(payload.aud, service.origin)
    assert.equal(payload.sub, 'mailto:pier@example.org')
  })

  it('says how long it may wait, how urgent it is, and what it replaces', async () => {
    await sender.send(message({ expiresAt: now + 90_000, isSilent: true }), never)
    const { headers } = service.received[0] ?? { headers: {} as Record<string, string> }
    assert.equal(headers.ttl, '90')
    assert.equal(headers.urgency, 'low')
    assert.equal(headers.topic, '5f00c0ffee0000000000000a')
  })

  for (const [status, kind] of [
    [404, 'gone'],
    [410, 'gone'],
    [413, 'refused'],
    [403, 'refused'],
    [302, 'refused'],
    [429, 'later'],
    [500, 'later'],
  ] as const) {
    it(`takes ${status} for ${kind}`, async () => {
      service.respond = () => ({
        status,
        headers: { 'retry-after': '9', location: `${service.origin}/push/two` },
      })
      const outcome = await sender.send(message(), never)
      assert.equal(outcome.kind, kind)
      if (outcome.kind === 'later') assert.equal(outcome.afterMs, 9000)
      assert.equal(service.received.length, 1)
    })
  }

  for (const [why, token] of [
    ['not a subscription', 'abc123'],
    ['a subscription without keys', '{"endpoint":"https://fcm.googleapis.com/x"}'],
    ['one for the inside of a network', new Browser().token('https://10.0.0.1/x')],
    ['one for the server itself', new Browser().token('https://localhost/x')],
    ['one without TLS', new Browser().token('http://fcm.googleapis.com/x')],
  ] as const) {
    it(`calls nobody for ${why}`, async () => {
      const outcome = await sender.send(message({ token }), never)
      assert.equal(outcome.kind, 'refused')
      assert.equal(service.received.length, 0)
    })
  }

  it('sends nothing that is too large', async () => {
    const outcome = await sender.send(message({ body: 'x'.repeat(3994) }), never)
    assert.equal(outcome.kind, 'refused')
    assert.equal(service.received.length, 0)
  })
})

describe('endpointRefusal', () => {
  const none = { more: [] }
  for (const endpoint of [
    'https://fcm.googleapis.com/fcm/send/abc:def',
    'https://updates.push.services.mozilla.com/wpush/v2/abc',
    'https://web.push.apple.com/abc',
    'https://db5p.notify.windows.com/w/?token=x',
  ]) {
    it(`lets ${new URL(endpoint).host} through`, () => {
      assert.equal(endpointRefusal(endpoint, none), null)
    })
  }
  for (const endpoint of [
    'https://fcm.googleapis.com.example.org/x',
    'https://example.org/fcm.googleapis.com',
    'https://fcm.googleapis.com:8443/x',
    'https://user:pass@fcm.googleapis.com/x',
    'https://notify.windows.com.example.org/x',
    'https://[::1]/x',
    'https://169.254.169.254/latest',
    'file:///etc/passwd',
    'not a url',
  ]) {
    it(`refuses ${endpoint}`, () => {
      assert.notEqual(endpointRefusal(endpoint, none), null)
    })
  }
  it('lets hosts through that the operator names, and their ports', () => {
    const more = ['push.example.org', '*.example.net', 'localhost:9']
    for (const host of ['push.example.org', 'a.b.example.net', 'localhost:9']) {
      assert.equal(endpointRefusal(`https://${host}/x`, { more }), null)
    }
    assert.notEqual(endpointRefusal('https://example.net/x', { more }), null)
    assert.notEqual(endpointRefusal('https://localhost:10/x', { more }), null)
  })
})
