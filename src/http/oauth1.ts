import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Pair } from './input.ts'

/** RFC 5849 §3.6: everything but letters, digits and `-._~`. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The members of an `Authorization: OAuth` header, without `realm`; `null` for another scheme. */
export function oauthHeader(authorization: string | undefined): Pair[] | null {
  const match = /^OAuth\s+(.*)$/is.exec(authorization ?? '')
  if (!match) return null
  const members = (match[1] ?? '').matchAll(/([A-Za-z_]+)\s*=\s*"([^"]*)"/g)
  return [...members]
    .map(([, name = '', value = '']): Pair => [name, decodePlain(value)])
    .filter(([name]) => name.toLowerCase() !== 'realm')
}

function decodePlain(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** RFC 5849 §3.4.1. @param url scheme, host, port and path: no query */
export function baseString(verb: string, url: string, pairs: readonly Pair[]): string {
  const encoded = pairs
    .filter(([name]) => name !== 'oauth_signature')
    .map(([name, value]): Pair => [percentEncode(name), percentEncode(value)])
  const sorted = encoded.sort(([a, x], [b, y]) => byBytes(a, b) || byBytes(x, y))
  const joined = sorted.map(([name, value]) => `${name}=${value}`).join('&')
  return [verb.toUpperCase(), url, joined].map(percentEncode).join('&')
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** RFC 5849 §3.4.2, with an empty token secret: two-legged. */
export function sign(base: string, secret: string): string {
  return createHmac('sha1', `${percentEncode(secret)}&`)
    .update(base)
    .digest('base64')
}

/** RFC 5849 §3.4.1.2: lower case, and no port where it is the scheme's own. */
export function baseUrl(origin: string, path: string): string {
  const url = new URL(origin)
  return `${url.protocol}//${url.host}${path}`
}

export type SignedCall = {
  readonly verb: string
  /** Origins under which the client may know this server. */
  readonly origins: () => readonly string[]
  readonly path: string
  readonly header: readonly Pair[]
  readonly query: readonly Pair[]
  /** The pairs of a form body; other bodies are not signed. */
  readonly form: readonly Pair[]
}

/**
 * Whether the signature is right for any reading of what was signed. SDKs put the consumer key in
 * the query and in the header; some count it twice and some once.
 */
export function isSignedWith(call: SignedCall, signature: string, secret: string): boolean {
  const all = [...call.header, ...call.query, ...call.form]
  const readings = [all, withoutRepeatedOauth(all)]
  const given = Buffer.from(signature)
  // An origin comes from the Host header, which may hold anything.
  const origins = call.origins().filter((origin) => URL.canParse(origin))
  return origins.some((origin) =>
    readings.some((pairs) => {
      const base = baseString(call.verb, baseUrl(origin, call.path), pairs)
      const wanted = Buffer.from(sign(base, secret))
      return wanted.length === given.length && timingSafeEqual(wanted, given)
    }),
  )
}

function withoutRepeatedOauth(pairs: readonly Pair[]): Pair[] {
  const seen = new Set<string>()
  return pairs.filter(([name, value]) => {
    if (!name.startsWith('oauth_')) return true
    const key = `${name}=${value}`
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}
