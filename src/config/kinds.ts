import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Secret } from '../lib/secret.ts'
import { parseMailbox } from '../mail/address.ts'
import { parseSmtpUrl } from '../mail/smtp-url.ts'

/** What a setting may hold: how its text is read, shown and described. */
export type Kind<T> = {
  /** For people: `whole number from 0 to 65535`. */
  readonly range: string
  /** Never shown, named in a problem, or taken from a flag (other users see command lines). */
  readonly secret: boolean
  /** @throws {Error} `must be ...`; the caller names the setting */
  parse(text: string): T
  show(value: T): string
}

type Read<T> = (text: string) => T | undefined

/** A kind whose text is wrong exactly when `read` gives nothing. */
export function kind<T>(
  range: string,
  read: Read<T>,
  show: (value: T) => string = String,
): Kind<T> {
  const parse = (text: string) => {
    const value = read(text)
    if (value === undefined) throw new Error(`must be: ${range}`)
    return value
  }
  return { range, secret: false, parse, show }
}

export function text(range = 'text'): Kind<string> {
  return kind(range, (given) => given)
}

export function integer(minimum: number, maximum: number): Kind<number> {
  return kind(`whole number from ${minimum} to ${maximum}`, (given) => {
    const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN
    return value >= minimum && value <= maximum ? value : undefined
  })
}

export function choice<const T extends string>(...options: readonly T[]): Kind<T> {
  return kind(options.join(', '), (given) => options.find((option) => option === given))
}

const WORDS: Readonly<Record<string, boolean>> = { true: true, 1: true, false: false, 0: false }

export const flag: Kind<boolean> = kind('true or false', (given) => WORDS[given.toLowerCase()])

/** A folder; relative to the working directory, as everything on a command line. */
export const folder: Kind<string> = kind('folder', (given) => resolve(given))

export const file: Kind<string> = kind('file', (given) => resolve(given))

/** Kept without a final slash, so that a path can be put behind it. */
export const webUrl: Kind<string> = kind('http:// or https:// address without a query', (given) => {
  const url = urlOf(given)
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (!url || !isWeb || url.search || url.hash || url.username) return undefined
  return url.href.replace(/\/+$/, '')
})

/** `push.example.org`, or `*.example.org` for every name below. */
export const hosts: Kind<readonly string[]> = kind(
  'host names with commas between, *. for all below one',
  (given) => {
    const names = given.split(',').map((one) => one.trim().toLowerCase())
    const isRight = (name: string) => /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/.test(name)
    return names.every(isRight) ? names : undefined
  },
)

/** Files in a folder: the only place for them so far, written as a URL so that others can follow. */
export const storageUrl: Kind<string> = kind(
  'file:<folder>',
  (given) => {
    if (!given.startsWith('file:') || given === 'file:') return undefined
    return pathOf(given, 'file:')
  },
  (path) => `file:${path}`,
)

export const mailbox: Kind<string> = kind('address, or Name <address>', (given) =>
  parseMailbox(given) ? given : undefined,
)

/** An e-mail address mostly, but any name that a team member can have. */
export const login: Kind<string> = kind('e-mail address or other name', (given) =>
  /^[^\s\p{C}:]{1,100}$/u.test(given) ? given : undefined,
)

export const smtpUrl: Kind<Secret> = secret('smtp:// or smtps:// URL', (given) => {
  try {
    parseSmtpUrl(new Secret(given))
    return true
  } catch {
    return false
  }
})

export function secretText(lengthMinimum: number): Kind<Secret> {
  return secret(`text of ${lengthMinimum} characters or more`, (given) => {
    return given.length >= lengthMinimum
  })
}

function secret(range: string, isRight: (text: string) => boolean): Kind<Secret> {
  const read = (given: string) => (isRight(given) ? new Secret(given) : undefined)
  return { ...kind(range, read, () => '***'), secret: true }
}

export type TrustedProxies = boolean | readonly string[]

/** As Fastify's `trustProxy`: whose `X-Forwarded-*` headers are believed. */
export const trustedProxies: Kind<TrustedProxies> = kind(
  'false, true, or addresses with commas between',
  (given): TrustedProxies | undefined => {
    if (given === 'true' || given === 'false') return given === 'true'
    const addresses = given.split(',').map((one) => one.trim())
    return addresses.every(isAddressRange) ? addresses : undefined
  },
)

function isAddressRange(given: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(given)) return true
  const [address = '', bits, ...rest] = given.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  )
}

export function urlOf(given: string): URL | undefined {
  return URL.canParse(given) ? new URL(given) : undefined
}

/** `file:///a/b`, `file:/a/b` and `file:a/b` (relative to the working directory). */
export function pathOf(given: string, scheme: string): string {
  const rest = given.slice(scheme.length)
  return rest.startsWith('//') ? fileURLToPath(`file:${rest}`) : resolve(rest)
}
