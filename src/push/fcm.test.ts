import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { importSPKI, jwtVerify } from 'jose'
import { TEST_CA } from '../../test/support/push-certificates.ts'
import { googleKeys, PushStandIn, SERVICE_ACCOUNT } from '../../test/support/push-stand-in.ts'
import { readFcm } from './credentials.ts'
import { FcmSender } from './fcm.ts'
import type { PushMessage, PushOutcome } from './port.ts'

const never = new AbortController().signal
const MESSAGES = '/v1/projects/port-7/messages:send'

describe('FcmSender', () => {
  let google: PushStandIn
  let now = Date.UTC(2030, 0, 1)
  const senders: FcmSender[] = []
  before(async () => {
    google = await PushStandIn.start()
  })
  beforeEach(() => {
    for (const one of senders.splice(0)) one.close()
    google.forget()
  })
  after(async () => {
    for (const one of senders.splice(0)) one.close()
    await google.close()
  })

  const sender = () => {
    const one = new FcmSender({
      credentials: readFcm(SERVICE_ACCOUNT),
      origin: google.origin,
      tokenUrl: `${google.origin}/token`,
      tls: { ca: TEST_CA },
      now: () => now,
    })
    senders.push(one)
    return one
  }
  const message = (changes: Partial<PushMessage> = {}): PushMessage => ({
    notificationId: '5f00c0ffee0000000000000a',
    token: 'fcm-token-one',
    body: '{"android":{"alert":"Gale"}}',
    isSilent: false,
    expiresAt: null,
    ...changes,
  })
  const error = (status: string, errorCode?: string, message = '') => ({
    error: {
      status,
      message,
      details: errorCode ? [{ '@type': 'type.googleapis.com/FcmError', errorCode }] : [],
    },
  })

  it('posts one message to one token, as data, with an access token', async () => {
    assert.deepEqual(await sender().send(message(), never), { kind: 'sent' })
    const [got] = google.to(MESSAGES)
    assert.equal(got?.headers.authorization, 'Bearer ya29.test')
    assert.deepEqual(JSON.parse(got?.body ?? ''), {
      message: {
        token: 'fcm-token-one',
        data: { payload: '{"android":{"alert":"Gale"}}' },
        android: { priority: 'HIGH' },
      },
    })
  })

  it('proves itself with a JWT that the service account signed', async () => {
    await sender().send(message(), never)
    const [asked] = google.to('/token')
    const form = new URLSearchParams(asked?.body)
    assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    const { payload } = await jwtVerify(
      form.get('assertion') ?? '',
      await importSPKI(googleKeys.publicKey, 'RS256'),
      { currentDate: new Date(now), algorithms: ['RS256'] },
    )
    assert.deepEqual(payload, {
      iss: SERVICE_ACCOUNT.client_email,
      aud: `${google.origin}/token`,
      scope: 'https://www.googleapis.com/auth/firebase.messaging',
      iat: now / 1000,
      exp: now / 1000 + 3600,
    })
  })

  it('says how long a message may wait, at most four weeks', async () => {
    const one = sender()
    await one.send(message({ expiresAt: now + 90_000, isSilent: true }), never)
    await one.send(message({ expiresAt: now + 100 * 86_400_000 }), never)
    const sent = google.to(MESSAGES).map(({ body }) => JSON.parse(body).message.android)
    assert.deepEqual(sent, [
      { priority: 'NORMAL', ttl: '90s' },
      { priority: 'HIGH', ttl: '2419200s' },
    ])
  })

  it('asks for one access token for many at once, and for another before it ends', async () => {
    const one = sender()
    const many = Array.from({ length: 20 }, (_, i) => message({ token: `t${i}` }))
    await Promise.all(many.map((each) => one.send(each, never)))
    assert.equal(google.to('/token').length, 1)
    assert.equal(google.to(MESSAGES).length, 20)
    assert.equal(new Set(google.to(MESSAGES).map(({ connection }) => connection)).size, 1)
    now += 54 * 60_000
    await one.send(message(), never)
    assert.equal(google.to('/token').length, 1)
    now += 2 * 60_000
    await one.send(message(), never)
    assert.equal(google.to('/token').length, 2)
  })

  it('asks for another token when one is not taken, once', async () => {
    google.respond = ({ path }) =>
      path === MESSAGES ? { status: 401, body: error('UNAUTHENTICATED') } : undefined
    const outcome = await sender().send(message(), never)
    assert.deepEqual(outcome, {
      ...{ kind: 'refused', scope: 'service', code: 3102, reason: 'UNAUTHENTICATED' },
    })
    assert.equal(google.to('/token').length, 2)
    assert.equal(google.to(MESSAGES).length, 2)
  })

  const ANSWERS: readonly [string, number, object, PushOutcome][] = [
    [
      'an app that was removed',
      404,
      error('NOT_FOUND', 'UNREGISTERED'),
      { kind: 'gone', code: 3009, reason: 'UNREGISTERED', since: null },
    ],
    [
      'a token that is none',
      400,
      error('INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'The registration token is not valid'),
      { kind: 'refused', scope: 'device', code: 3003, reason: 'INVALID_ARGUMENT' },
    ],
    [
      'a token of another sender',
      403,
      error('PERMISSION_DENIED', 'SENDER_ID_MISMATCH'),
      { kind: 'refused', scope: 'device', code: 3006, reason: 'SENDER_ID_MISMATCH' },
    ],
    [
      'the quota of the project',
      429,
      error('RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED'),
      { kind: 'later', scope: 'service', code: 3010, reason: 'QUOTA_EXCEEDED', afterMs: 60_000 },
    ],
    [
      'the quota of a device',
      429,
      error('RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED', 'device message rate exceeded'),
      { kind: 'later', scope: 'device', code: 3001, reason: 'QUOTA_EXCEEDED', afterMs: 60_000 },
    ],
    [
      'a fault of its own',
      500,
      error('INTERNAL', 'INTERNAL'),
      { kind: 'later', scope: 'device', code: 3104, reason: 'INTERNAL', afterMs: null },
    ],
    [
      'an answer without a name',
      200,
      {},
      { kind: 'refused', scope: 'device', code: 3101, reason: 'the answer names no message' },
    ],
  ]
  for (const [what, status, body, outcome] of ANSWERS) {
    it(`understands ${what}`, async () => {
      google.respond = ({ path }) => (path === MESSAGES ? { status, body } : undefined)
      assert.deepEqual(await sender().send(message(), never), outcome)
    })
  }

  it('heeds Retry-After, in seconds and as a date', async () => {
    const one = sender()
    for (const header of ['120', new Date(now + 120_000).toUTCString()]) {
      google.respond = ({ path }) =>
        path === MESSAGES
          ? {
              status: 503,
              headers: { 'retry-after': header },
              body: error('UNAVAILABLE', 'UNAVAILABLE'),
            }
          : undefined
      assert.deepEqual(await one.send(message(), never), {
        ...{ kind: 'later', scope: 'service', code: 3011, reason: 'UNAVAILABLE' },
        afterMs: 120_000,
      })
    }
  })

  it('tells when no access token is given, and asks again the next time', async () => {
    const one = sender()
    const answers = [
      { status: 400, body: { error: 'invalid_grant' } },
      { status: 503, headers: { 'retry-after': '7' } },
    ]
    google.respond = ({ path }) => (path === '/token' ? answers.shift() : undefined)
    assert.deepEqual(await one.send(message(), never), {
      ...{ kind: 'refused', scope: 'service', code: 3102 },
      reason: 'no access token: invalid_grant',
    })
    assert.deepEqual(await one.send(message(), never), {
      ...{ kind: 'later', scope: 'service', code: 3011, afterMs: 7000 },
      reason: 'no access token: status 503',
    })
    assert.deepEqual(await one.send(message(), never), { kind: 'sent' })
    assert.equal(google.to(MESSAGES).length, 1)
  })

  it('sends nothing that is too large', async () => {
    const outcome = await sender().send(message({ body: 'x'.repeat(4097) }), never)
    assert.deepEqual([outcome.kind, 'code' in outcome && outcome.code], ['refused', 3005])
    assert.equal(google.received.length, 0)
  })
})
