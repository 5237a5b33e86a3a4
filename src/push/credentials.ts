import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { ApiError } from '../errors.ts'

/** What Apple wants to see: a signing key, valid for all apps of a team, or an app's certificate. */
export type ApnsCredentials = {
  readonly service: 'apns'
  readonly environment: 'production' | 'sandbox'
  /** The app's bundle id. */
  readonly topic: string
  readonly proof: /** `key` is the text of the .p8 file. */
    | {
        readonly kind: 'key'
        readonly keyId: string
        readonly teamId: string
        readonly key: string
      }
    /** `p12` is base64. */
    | { readonly kind: 'certificate'; readonly p12: string; readonly password: string }
}

/** Of a Google service account. */
export type FcmCredentials = {
  readonly service: 'fcm'
  readonly projectId: string
  readonly clientEmail: string
  /** PEM. */
  readonly privateKey: string
}

/** VAPID (RFC 8292): base64url, `subject` an https or mailto URL. */
export type WebPushCredentials = {
  readonly service: 'web'
  readonly subject: string
  readonly publicKey: string
  readonly privateKey: string
}

export type PushCredentials = ApnsCredentials | FcmCredentials | WebPushCredentials

type Given = Readonly<Record<string, unknown>>

/** Checks what an administrator gives. @throws {ApiError} `param_invalid` that says what is wrong */
export function readApns(given: Given): ApnsCredentials {
  const environment = given.environment ?? 'production'
  if (environment !== 'production' && environment !== 'sandbox') {
    throw wrong('The environment is production or sandbox.')
  }
  const topic = matching(given.topic, /^[A-Za-z0-9.-]{1,155}$/, "The topic is the app's bundle id.")
  const proof = given.certificate === undefined ? signingKey(given) : certificate(given)
  return { service: 'apns', environment, topic, proof }
}

function signingKey(given: Given): ApnsCredentials['proof'] {
  const id = /^[A-Z0-9]{10}$/
  const keyId = matching(given.keyId, id, 'The key id has 10 letters and digits.')
  const teamId = matching(given.teamId, id, 'The team id has 10 letters and digits.')
  const key = text(given.key)
  const curve = privateKey(key)?.asymmetricKeyDetails?.namedCurve
  if (curve !== 'prime256v1') throw wrong('The key is not the text of a .p8 file from Apple.')
  return { kind: 'key', keyId, teamId, key }
}

function certificate(given: Given): ApnsCredentials['proof'] {
  const p12 = text(given.certificate)
  const password = text(given.password)
  try {
    createSecureContext({ pfx: Buffer.from(p12, 'base64'), passphrase: password })
  } catch (cause) {
    throw new ApiError(
      'param_invalid',
      'The certificate cannot be read: give a .p12 file with its key, and its password. Files of old programs use a cipher that is not supported any more; export it again.',
      { cause },
    )
  }
  return { kind: 'certificate', p12, password }
}

/** @param given the members of the JSON file that Google makes for a service account */
export function readFcm(given: Given): FcmCredentials {
  const what = 'Give the JSON file of a service account'
  const projectId = matching(given.project_id, /^[a-z0-9:.-]{4,100}$/, `${what}: project_id.`)
  const clientEmail = matching(given.client_email, /^\S+@\S+$/, `${what}: client_email.`)
  const key = text(given.private_key)
  if (privateKey(key)?.asymmetricKeyType !== 'rsa') throw wrong(`${what}: private_key.`)
  return { service: 'fcm', projectId, clientEmail, privateKey: key }
}

export function readWebPush(given: Given): WebPushCredentials {
  const subject = matching(
    given.subject,
    /^(https:\/\/|mailto:)\S{3,300}$/,
    'The subject is a mailto: or https: URL of whoever is in charge.',
  )
  const publicKey = matching(
    given.publicKey,
    /^[\w-]{87}$/,
    'The public key is 65 bytes, base64url.',
  )
  const key = matching(given.privateKey, /^[\w-]{43}$/, 'The private key is 32 bytes, base64url.')
  return { service: 'web', subject, publicKey, privateKey: key }
}

/** What may be shown of credentials: which they are, and nothing that could be used. */
export function publicFacts(credentials: PushCredentials): Record<string, string> {
  switch (credentials.service) {
    case 'apns': {
      const { environment, topic, proof } = credentials
      const own =
        proof.kind === 'key' ? { keyId: proof.keyId, teamId: proof.teamId } : { proof: proof.kind }
      return { service: 'apns', environment, topic, ...own }
    }
    case 'fcm':
      return {
        service: 'fcm',
        projectId: credentials.projectId,
        clientEmail: credentials.clientEmail,
      }
    case 'web':
      return { service: 'web', subject: credentials.subject, publicKey: credentials.publicKey }
  }
}

function matching(value: unknown, pattern: RegExp, otherwise: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw wrong(otherwise)
  return value
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function privateKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}

function wrong(message: string): ApiError {
  return new ApiError('param_invalid', message)
}

/** A new pair for {@link readWebPush}: a point and a number of P-256. */
export function newVapidKeys(): Pick<WebPushCredentials, 'publicKey' | 'privateKey'> {
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  const number = Buffer.alloc(32)
  const key = pair.getPrivateKey()
  key.copy(number, 32 - key.length)
  return {
    publicKey: pair.getPublicKey().toString('base64url'),
    privateKey: number.toString('base64url'),
  }
}
