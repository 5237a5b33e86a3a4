import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { CLIENT_P12, CLIENT_P12_PASSWORD } from '../../test/support/push-certificates.ts'
import { APNS_GIVEN, googleKeys, SERVICE_ACCOUNT } from '../../test/support/push-stand-in.ts'
import { newVapidKeys, publicFacts, readApns, readFcm, readWebPush } from './credentials.ts'

const WEB = { subject: 'mailto:a@example.org', ...newVapidKeys() }
const wrongCurve = generateKeyPairSync('ec', {
  namedCurve: 'secp384r1',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey

describe('credentials', () => {
  it('are shown without what is secret', () => {
    const certificate = { topic: 'org.example', certificate: CLIENT_P12 }
    const all = [
      readApns(APNS_GIVEN),
      readApns({ ...certificate, password: CLIENT_P12_PASSWORD }),
      readFcm(SERVICE_ACCOUNT),
      readWebPush(WEB),
    ]
    const shown = all.map(publicFacts)
    assert.deepEqual(shown, [
      {
        ...{ service: 'apns', environment: 'sandbox', topic: 'org.example.port' },
        ...{ keyId: 'ABCDE12345', teamId: 'TEAM123456' },
      },
      {
        ...{ service: 'apns', environment: 'production', topic: 'org.example' },
        proof: 'certificate',
      },
      {
        ...{ service: 'fcm', projectId: 'port-7' },
        clientEmail: 'push@port-7.iam.gserviceaccount.com',
      },
      { service: 'web', subject: 'mailto:a@example.org', publicKey: WEB.publicKey },
    ])
  })

  for (const [why, read, message] of [
    ['no topic', () => readApns({ ...APNS_GIVEN, topic: '' }), /bundle id/],
    ['another environment', () => readApns({ ...APNS_GIVEN, environment: 'x' }), /sandbox/],
    ['a malformed key id', () => readApns({ ...APNS_GIVEN, keyId: 'abc' }), /key id/],
    ['a key that is none', () => readApns({ ...APNS_GIVEN, key: 'x' }), /\.p8/],
    ['a key of another curve', () => readApns({ ...APNS_GIVEN, key: wrongCurve }), /\.p8/],
    ['an RSA key', () => readApns({ ...APNS_GIVEN, key: googleKeys.privateKey }), /\.p8/],
    [
      'a wrong password',
      () => readApns({ topic: 'a', certificate: CLIENT_P12, password: 'x' }),
      /\.p12/,
    ],
    ['no project', () => readFcm({ ...SERVICE_ACCOUNT, project_id: '' }), /project_id/],
    ['an EC key', () => readFcm({ ...SERVICE_ACCOUNT, private_key: wrongCurve }), /private_key/],
    ['no subject', () => readWebPush({ ...WEB, subject: 'me' }), /mailto/],
    ['a short key', () => readWebPush({ ...WEB, publicKey: 'abc' }), /65 bytes/],
  ] as const) {
    it(`are refused with ${why}`, () => {
      assert.throws(read, message)
      assert.throws(read, { code: 'param_invalid' })
    })
  }
})
