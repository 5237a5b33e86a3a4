import { type Body, objectMember, requiredTextMember, textMember } from '../assets/body.ts'
import type { Problems } from '../problems.ts'

type Hash = Readonly<Record<string, unknown>>

/** Types of subscriptions of the data API. */
export type DeviceType = 'ios' | 'android' | 'gcm' | 'web'

/** What goes to devices of these types: JSON text as the data API takes it. */
export type PushPart = { readonly types: readonly DeviceType[]; readonly payload: string }

type Service = {
  readonly platform: string
  readonly types: readonly DeviceType[]
  /** By what members of `services` it is meant. */
  readonly names: readonly string[]
  readonly bytesMax: number
}

/** The services that notifications go by. Browsers are promised 4096 bytes by RFC 8030 §7.2. */
export const SERVICES = {
  APNS: { platform: 'IOS', types: ['ios'], names: ['apns'], bytesMax: 4096 },
  FCM: { platform: 'ANDROID', types: ['android', 'gcm'], names: ['fcm', 'gcm'], bytesMax: 4096 },
  WEB: { platform: 'WEB', types: ['web'], names: ['web'], bytesMax: 4096 },
} as const satisfies Record<string, Service>

export type Provider = keyof typeof SERVICES

export const PROVIDERS = Object.keys(SERVICES) as Provider[]

const TEXT = { charactersMax: 4000, pattern: /\S/, form: 'more than blanks' }
const SHORT = { charactersMax: 255 }

/** Members of a payload that devices' systems know. */
const KNOWN = ['alert', 'badge', 'sound', 'category', 'content-available', 'icon', 'title']

export type Content = {
  /** The member that counts, as it was sent. */
  readonly shown: Hash
  readonly parts: readonly PushPart[]
}

/** The first one that is there counts. */
const MEMBERS = ['payload', 'template', 'message'] as const

/**
 * What a body says is to be sent: its `payload`, or else its `template`, or else its `message`.
 *
 * @param providers those that it is for
 */
export function readContent(body: Body, providers: readonly Provider[]): Content {
  const { members, problems } = body
  const member = MEMBERS.find((one) => (members[one] ?? null) !== null)
  if (member === undefined) {
    problems.push("One of 'payload', 'template' and 'message' is required.")
    return { shown: {}, parts: [] }
  }
  const payloadFor = FORMS[member](body)
  const parts = providers.flatMap((provider) => {
    const payload = payloadFor(provider)
    return payload ? partFor(provider, payload, problems) : []
  })
  if (parts.length === 0 && problems.length === 0) {
    problems.push("'payload' has nothing for any device that this is for.")
  }
  return { shown: { [member]: members[member] }, parts: joined(parts) }
}

type PayloadFor = (provider: Provider) => Hash | null

const FORMS: Readonly<Record<(typeof MEMBERS)[number], (body: Body) => PayloadFor>> = {
  payload: ownPayload,
  template: templatePayload,
  message: messagePayload,
}

function messagePayload(body: Body): PayloadFor {
  const alert = requiredTextMember(body, 'message', TEXT)
  return () => ({ alert })
}

/** The one template that there is: a title and a body, and what else a device shows. */
function templatePayload(body: Body): PayloadFor {
  const template = objectMember(body, 'template')
  if (!template) return () => null
  const name = requiredTextMember(template, 'name', SHORT)
  if (name !== '' && name !== '#default') body.problems.push("The only template is '#default'.")
  const given = objectMember(template, 'parameters') ?? { members: {}, problems: body.problems }
  const title = textMember(given, 'title', SHORT)
  const text = requiredTextMember(given, 'body', TEXT)
  const sound = textMember(given, 'sound', SHORT)
  const custom = objectMember(given, 'custom')?.members ?? {}
  const { badge } = given.members
  const more = {
    ...(sound !== null && { sound }),
    ...(badge !== undefined && badge !== null && { badge }),
  }
  return (provider) => {
    if (title === null) return { ...custom, alert: text, ...more }
    // Apple knows a title as a part of the alert only.
    if (provider === 'APNS') return { ...custom, alert: { title, body: text }, ...more }
    return { ...custom, title, alert: text, ...more }
  }
}

/** One for all services, or under `services` one for each, in that service's own form. */
function ownPayload(body: Body): PayloadFor {
  const payload = objectMember(body, 'payload')
  if (!payload) return () => null
  if (!Object.hasOwn(payload.members, 'services')) return () => payload.members
  const services = objectMember(payload, 'services')
  if (!services) return () => null
  const names = PROVIDERS.flatMap((one): readonly string[] => SERVICES[one].names)
  for (const name of Object.keys(services.members)) {
    if (!names.includes(name.toLowerCase())) {
      body.problems.push(`There is no service '${name.slice(0, 60)}'; use ${names.join(', ')}.`)
    } else objectMember(services, name)
  }
  return (provider) => {
    const mine: readonly string[] = SERVICES[provider].names
    const found = Object.entries(services.members).find(([one]) => mine.includes(one.toLowerCase()))
    return found && isHash(found[1]) ? flattened(provider, found[1]) : null
  }
}

/** The form of a service as the data API has it: what devices know on top, the rest as it is. */
function flattened(provider: Provider, own: Hash): Hash {
  if (provider === 'APNS') {
    const { aps, ...rest } = own
    if (!isHash(aps)) return own
    const known = Object.entries(aps).filter(([name]) => KNOWN.includes(name))
    const others = Object.entries(aps).filter(([name]) => !KNOWN.includes(name))
    const more = others.length > 0 ? { aps: Object.fromEntries(others) } : {}
    return { ...rest, ...more, ...Object.fromEntries(known) }
  }
  if (provider === 'FCM') {
    const { data, notification, ...rest } = own
    const { body, ...shown } = isHash(notification) ? notification : {}
    return {
      ...(isHash(data) ? data : {}),
      ...rest,
      ...shown,
      ...(body !== undefined && { alert: body }),
    }
  }
  return own
}

function partFor(provider: Provider, payload: Hash, problems: Problems): PushPart[] {
  const { types, bytesMax } = SERVICES[provider]
  const { badge } = payload
  if (badge !== undefined && badge !== null && !/^[+-]?\d{1,10}$/.test(String(badge))) {
    problems.push("'badge' must be a number, +number or -number.")
  }
  const text = JSON.stringify(payload)
  if (Buffer.byteLength(text) > bytesMax) {
    problems.push(`What goes by ${provider} must have at most ${bytesMax} bytes.`)
  }
  if (text.includes('\\u0000') || !text.isWellFormed() || /\\ud[89a-f]/i.test(text)) {
    problems.push('What is sent must be Unicode text without NUL.')
  }
  return [{ types, payload: text }]
}

/** Services that get the same get it in one. */
function joined(parts: readonly PushPart[]): PushPart[] {
  const byPayload = new Map<string, DeviceType[]>()
  for (const { types, payload } of parts) {
    byPayload.set(payload, [...(byPayload.get(payload) ?? []), ...types])
  }
  return [...byPayload].map(([payload, types]) => ({ types, payload }))
}

function isHash(value: unknown): value is Hash {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
