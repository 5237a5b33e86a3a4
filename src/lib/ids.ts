import { createHash, randomBytes } from 'node:crypto'

const OBJECT_ID = /^[0-9a-f]{24}$/

const processPart = randomBytes(5).toString('hex')
let lastSecond = 0
let counter = 0

/**
 * A new object id: seconds since 1970 (8 hex digits), a random part of this process (10) and a
 * counter (6), as MongoDB's ObjectId. Ids of one process sort by age, also when the clock steps
 * back. They are no secret.
 *
 * @param nowMs milliseconds since 1970
 */
export function objectId(nowMs: number): string {
  const second = Math.max(Math.floor(nowMs / 1000), lastSecond)
  counter = second === lastSecond ? counter + 1 : 0
  lastSecond = second
  return second.toString(16).padStart(8, '0') + processPart + counter.toString(16).padStart(6, '0')
}

export function isObjectId(text: string): boolean {
  return OBJECT_ID.test(text)
}

/** 20 random bytes as 27 base64url characters: the form that session ids always had. */
export function sessionToken(): string {
  return randomBytes(20).toString('base64url')
}

/** 32 hex digits, the form of a client id and of an App Key. */
export function clientId(): string {
  return randomBytes(16).toString('hex')
}

/** What is stored of a token that was handed out: enough to recognise it, useless to a thief. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
