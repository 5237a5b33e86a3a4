import type { Backend } from '../../engine/backend.ts'
import { guardsRoles } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { tokenDigest } from '../../lib/ids.ts'
import { type Body, bodyOf, refuseBad, textMember, textsMember } from '../assets/body.ts'
import { ROLE } from '../assets/fields.ts'
import { parseTimeBound } from '../list/times.ts'
import { quoted } from '../problems.ts'
import { PROVIDERS, type Provider, readContent, SERVICES } from './content.ts'
import type { NewNotification } from './notification.ts'

const NAMED_MAX = 1000
const TOKEN = { charactersMax: 4096 }
const NAME = { charactersMax: 255 }
const SEND_ON_MAX_MS = 366 * 86_400_000

/** Services of the original for whose devices there is nothing that could send. */
const WITHOUT_GATEWAY = ['WNS', 'SYNIVERSE']

/** GCM's successor, under the old name. */
const SYNONYMS: Readonly<Record<string, Provider>> = { GCM: 'FCM' }

/**
 * The service of this name, in any case.
 *
 * @throws {ApiError} `provider_unsupported`
 */
export function providerNamed(name: string): Provider | null {
  const upper = name.toUpperCase()
  if (WITHOUT_GATEWAY.includes(upper)) {
    throw new ApiError(
      'provider_unsupported',
      `Nothing here can send by ${upper}; use ${PROVIDERS.join(', ')}.`,
    )
  }
  return SYNONYMS[upper] ?? PROVIDERS.find((one) => one === upper) ?? null
}

/** @throws {ApiError} `param_invalid` naming every member that is wrong, `provider_unsupported` */
export function readNotification(json: unknown, backend: Backend, now: number): NewNotification {
  const body = bodyOf(json)
  const { platform, provider, providers } = readServices(body)
  const { tokens, users, roles } = readTargets(body, backend)
  const { shown: content, parts } = readContent(body, providers)
  const tag = textMember(body, 'tag', NAME)
  const sendOn = readSendOn(body, now)
  refuseBad(body)
  return {
    ...{ tag, content, users, roles, platform, provider, sendOn, parts },
    tokenCount: tokens?.length ?? null,
    devices: tokens?.map(tokenDigest) ?? null,
  }
}

function readServices(body: Body) {
  const platform = textMember(body, 'platform', NAME)?.toUpperCase() ?? null
  const named = textMember(body, 'provider', NAME)
  const provider = named === null ? null : providerNamed(named)
  if (named !== null && provider === null) {
    body.problems.push(`${quoted(named)} is no provider; use ${PROVIDERS.join(', ')}.`)
  }
  const platforms: string[] = PROVIDERS.map((one) => SERVICES[one].platform)
  if (platform === 'WINDOWS') {
    throw new ApiError('provider_unsupported', 'Nothing here can send to Windows.')
  }
  if (platform !== null && !platforms.includes(platform)) {
    body.problems.push(`${quoted(platform)} is no platform; use ${platforms.join(', ')}.`)
  }
  const providers = PROVIDERS.filter(
    (one) =>
      (provider === null || one === provider) &&
      (platform === null || SERVICES[one].platform === platform),
  )
  if (providers.length === 0 && body.problems.length === 0) {
    body.problems.push(`No device of the platform ${platform} is told by ${provider}.`)
  }
  return { platform, provider, providers }
}

function readTargets(body: Body, backend: Backend) {
  const tokens = textsMember(body, 'notificationTokens', TOKEN)
  const users = textsMember(body, 'users', NAME)
  const roles = textsMember(body, 'roles', ROLE)
  for (const [name, list] of Object.entries({ notificationTokens: tokens, users, roles })) {
    // Nobody is not everybody.
    if (list && (list.length === 0 || list.length > NAMED_MAX)) {
      body.problems.push(`${quoted(name)} must have 1 to ${NAMED_MAX} members.`)
    }
  }
  if (tokens && (users || roles)) {
    body.problems.push("'notificationTokens' cannot be combined with 'users' or 'roles'.")
  }
  if (roles && !guardsRoles(backend)) {
    body.problems.push(
      "'roles' mean nothing while users set their own: turn on roleAccess or the setting rolesAdminOnly.",
    )
  }
  return { tokens, users, roles }
}

/** A time that is over is now. */
function readSendOn(body: Body, now: number): string | null {
  const given = body.members.sendOn ?? null
  if (given === null) return null
  const isTime = typeof given === 'string' || typeof given === 'number'
  const time = isTime ? parseTimeBound(String(given), now) : null
  if (!time || time.relative || time.ms > now + SEND_ON_MAX_MS) {
    body.problems.push("'sendOn' must be an ISO 8601 date and time, at most a year from now.")
    return null
  }
  return time.ms <= now ? null : new Date(time.ms).toISOString()
}
