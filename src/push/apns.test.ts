import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { decodeProtectedHeader, importSPKI, jwtVerify } from 'jose'
import { CLIENT_P12, CLIENT_P12_PASSWORD, TEST_CA } from '../../test/support/push-certificates.ts'
import {
  APNS_GIVEN,
  apnsKeys,
  iosToken,
  PushStandIn,
  type Received,
} from '../../test/support/push-stand-in.ts'
import { ApnsSender } from './apns.ts'
import { readApns } from './credentials.ts'
import type { PushMessage, PushOutcome } from './port.ts'

const MINUTE_MS = 60_000
const never = new AbortController().signal

describe('ApnsSender', () => {
  let apple: PushStandIn
  let now = Date.UTC(2030, 0, 1)
  const senders: ApnsSender[] = []
  before(async () => {
    apple = await PushStandIn.start()
  })
  beforeEach(() => {
    for (const one of senders.splice(0)) one.close()
    apple.forget()
  })
  after(async () => {
    for (const one of senders.splice(0)) one.close()
    await apple.close()
  })

  const sender = (given: Record<string, unknown> = APNS_GIVEN) => {
    const one = new ApnsSender({
      credentials: readApns(given),
      origin: apple.origin,
      tls: { ca: TEST_CA },
      now: () => now,
    })
    senders.push(one)
    return one
  }
  const message = (changes: Partial<PushMessage> = {}): PushMessage => ({
    notificationId: '5f00c0ffee0000000000000a',
    token: iosToken('one'),
    body: '{"aps":{"alert":"Gale"}}',
    isSilent: false,
    expiresAt: null,
    ...changes,
  })
  const only = (): Received => {
    assert.equal(apple.received.length, 1)
    return apple.received[0] as Received
  }
  const tokenOf = (received: Received | undefined) =>
    String(received?.headers.authorization).replace(/^bearer /, '')

  it('posts the body to the device, with topic, type, priority and a provider token', async () => {
    assert.deepEqual(await sender().send(message(), never), { kind: 'sent' })
    const { method, path, headers, body } = only()
    assert.deepEqual([method, path], ['POST', `/3/device/${iosToken('one')}`])
    assert.equal(body, '{"aps":{"alert":"Gale"}}')
    assert.equal(headers['apns-topic'], 'org.example.port')
    assert.deepEqual([headers['apns-push-type'], headers['apns-priority']], ['alert', '10'])
    assert.equal(headers['apns-collapse-id'], '5f00c0ffee0000000000000a')
    assert.match(headers['apns-id'] ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    assert.equal('apns-expiration' in headers, false)

    const token = tokenOf(only())
    assert.deepEqual(decodeProtectedHeader(token), { alg: 'ES256', kid: 'ABCDE12345' })
    const { payload } = await jwtVerify(token, await importSPKI(apnsKeys.publicKey, 'ES256'), {
      currentDate: new Date(now),
    })
    assert.deepEqual(payload, { iss: 'TEAM123456', iat: now / 1000 })
  })

  it('says when a notification ends, and that a silent one may wait', async () => {
    const expiresAt = now + 90_500
    await sender().send(message({ expiresAt, isSilent: true }), never)
    const { headers } = only()
    assert.equal(headers['apns-expiration'], String(now / 1000 + 90))
    assert.deepEqual([headers['apns-push-type'], headers['apns-priority']], ['background', '5'])
  })

  it('gives one device and notification the same id each time, and others another', async () => {
    const one = sender()
    await one.send(message(), never)
    await one.send(message(), never)
    await one.send(message({ token: iosToken('two') }), never)
    const ids = apple.received.map(({ headers }) => headers['apns-id'])
    assert.equal(ids[0], ids[1])
    assert.notEqual(ids[0], ids[2])
  })

  it('keeps one connection, also for many at once', async () => {
    const one = sender()
    const many = Array.from({ length: 50 }, (_, i) => message({ token: iosToken(`d${i}`) }))
    const before = apple.connections
    const outcomes = await Promise.all(many.map((each) => one.send(each, never)))
    assert.ok(outcomes.every(({ kind }) => kind === 'sent'))
    await one.send(message(), never)
    assert.equal(apple.connections - before, 1)
  })

  it('connects again after the service has hung up', async () => {
    const one = sender()
    await one.send(message(), never)
    const before = apple.connections
    apple.hangUp()
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.deepEqual(await one.send(message(), never), { kind: 'sent' })
    assert.equal(apple.connections - before, 1)
  })

  it('signs anew after 50 minutes and not before', async () => {
    const one = sender()
    for (const minutes of [0, 49, 2]) {
      now += minutes * MINUTE_MS
      await one.send(message(), never)
    }
    const tokens = apple.received.map(tokenOf)
    assert.equal(tokens[0], tokens[1])
    assert.notEqual(tokens[1], tokens[2])
  })

  it('signs anew when Apple calls the token too old, but not within 20 minutes', async () => {
    const one = sender()
    await one.send(message(), never)
    const first = tokenOf(apple.received[0])
    apple.respond = (got) =>
      tokenOf(got) === first ? { status: 403, body: { reason: 'ExpiredProviderToken' } } : undefined
    now += 10 * MINUTE_MS
    const refused = await one.send(message(), never)
    assert.deepEqual(refused, {
      ...{ kind: 'refused', scope: 'service', code: 2008, reason: 'ExpiredProviderToken' },
    })
    assert.equal(apple.received.length, 2)
    now += 15 * MINUTE_MS
    assert.deepEqual(await one.send(message(), never), { kind: 'sent' })
    assert.equal(apple.received.length, 4)
  })

  const ANSWERS: readonly [string, number, object, PushOutcome][] = [
    [
      'a device that is gone, with the time',
      410,
      { reason: 'Unregistered', timestamp: 1_700_000_000_000 },
      { kind: 'gone', code: null, reason: 'Unregistered', since: 1_700_000_000_000 },
    ],
    [
      'a token that is none',
      400,
      { reason: 'BadDeviceToken' },
      { kind: 'gone', code: null, reason: 'BadDeviceToken', since: null },
    ],
    [
      'a token of another app',
      400,
      { reason: 'DeviceTokenNotForTopic' },
      { kind: 'refused', scope: 'device', code: 2005, reason: 'DeviceTokenNotForTopic' },
    ],
    [
      'a wrong topic',
      400,
      { reason: 'TopicDisallowed' },
      { kind: 'refused', scope: 'service', code: 2009, reason: 'TopicDisallowed' },
    ],
    [
      'a wrong key',
      403,
      { reason: 'InvalidProviderToken' },
      { kind: 'refused', scope: 'service', code: 2009, reason: 'InvalidProviderToken' },
    ],
    [
      'too large a payload',
      413,
      { reason: 'PayloadTooLarge' },
      { kind: 'refused', scope: 'device', code: 2006, reason: 'PayloadTooLarge' },
    ],
    [
      'too much for one device',
      429,
      { reason: 'TooManyRequests' },
      { kind: 'later', scope: 'device', code: 2002, reason: 'TooManyRequests', afterMs: null },
    ],
    [
      'too many new tokens',
      429,
      { reason: 'TooManyProviderTokenUpdates' },
      {
        ...{ kind: 'later', scope: 'service', code: 2002, reason: 'TooManyProviderTokenUpdates' },
        afterMs: 20 * MINUTE_MS,
      },
    ],
    [
      'a fault of its own',
      500,
      { reason: 'InternalServerError' },
      { kind: 'later', scope: 'device', code: 2002, reason: 'InternalServerError', afterMs: null },
    ],
    [
      'an answer that is no JSON',
      502,
      {},
      { kind: 'later', scope: 'service', code: 2002, reason: 'status 502', afterMs: null },
    ],
  ]
  for (const [what, status, body, outcome] of ANSWERS) {
    it(`understands ${what}`, async () => {
      apple.respond = () => ({ status, body })
      assert.deepEqual(await sender().send(message(), never), outcome)
    })
  }

  it('heeds Retry-After of a busy service', async () => {
    const headers = { 'retry-after': '30' }
    apple.respond = () => ({ status: 503, headers, body: { reason: 'ServiceUnavailable' } })
    const outcome = await sender().send(message(), never)
    assert.deepEqual(outcome, {
      ...{ kind: 'later', scope: 'service', code: 2002, reason: 'ServiceUnavailable' },
      afterMs: 30_000,
    })
  })

  it('sends neither what is no token nor what is too large', async () => {
    const one = sender()
    const bad = await one.send(message({ token: '../../x' }), never)
    assert.deepEqual([bad.kind, 'reason' in bad && bad.reason], ['gone', 'BadDeviceToken'])
    const large = await one.send(message({ body: 'x'.repeat(2049) }), never)
    assert.deepEqual([large.kind, 'code' in large && large.code], ['refused', 2006])
    assert.equal((await one.send(message({ body: 'x'.repeat(2048) }), never)).kind, 'sent')
    assert.equal(apple.received.length, 1)
  })

  it('tells that nobody answers, and that a stranger does', async () => {
    const build = (origin: string, ca?: string) =>
      new ApnsSender({
        ...{ credentials: readApns(APNS_GIVEN), origin, now: () => now },
        tls: ca ? { ca } : {},
      })
    const nobody = await build('https://localhost:1', TEST_CA).send(message(), never)
    assert.deepEqual([nobody.kind, 'code' in nobody && nobody.code], ['later', 2002])
    const stranger = await build(apple.origin).send(message(), never)
    assert.deepEqual([stranger.kind, 'code' in stranger && stranger.code], ['later', 2002])
    assert.equal(apple.received.length, 0)
  })

  it('gives up when it is told to', async () => {
    apple.respond = () => new Promise(() => undefined)
    const stop = new AbortController()
    const sending = sender().send(message(), stop.signal)
    setTimeout(() => stop.abort(), 50)
    assert.equal((await sending).kind, 'later')
  })

  it('shows a certificate in place of a token', async () => {
    const given = { topic: 'org.example.port', certificate: CLIENT_P12 }
    const one = sender({ ...given, password: CLIENT_P12_PASSWORD })
    assert.deepEqual(await one.send(message(), never), { kind: 'sent' })
    const { headers, client } = only()
    assert.equal(client, 'Apple Push Services: org.example.port')
    assert.equal('authorization' in headers, false)
    assert.equal(headers['apns-topic'], 'org.example.port')
  })
})
