import { ApiError } from '../../errors.ts'
import type { DeviceClient, DeviceType } from '../../objects/push/subscriptions.ts'
import {
  type Body,
  bodyOf,
  objectMember,
  refuseBad,
  requiredTextMember,
  textMember,
} from '../../tools/assets/body.ts'
import { providerNamed } from '../../tools/notifications/body.ts'
import { PROVIDERS, type Provider } from '../../tools/notifications/content.ts'
import { quoted } from '../../tools/problems.ts'
import type { VisitUser } from '../door/enter.ts'

const NAME = { charactersMax: 255, pattern: /\S/, form: 'more than blanks' }
const TOKEN = { ...NAME, charactersMax: 4096 }

/** Those of which a service tells devices. Google's reaches apps on all of them. */
const PLATFORMS: Readonly<Record<string, readonly Provider[]>> = {
  IOS: ['APNS', 'FCM'],
  ANDROID: ['FCM'],
  WEB: ['WEB', 'FCM'],
}

const TYPES: Readonly<Record<Provider, DeviceType>> = { APNS: 'ios', FCM: 'android', WEB: 'web' }

/** A device as an app tells of it. */
export type GivenDevice = {
  readonly client: DeviceClient
  readonly platform: string | null
  readonly provider: Provider | null
  readonly token: string
}

/** A device that is to be registered, which has to say by what it is told. */
export type NewDevice = GivenDevice & { readonly provider: Provider; readonly type: DeviceType }

/**
 * @throws {ApiError} `param_invalid` naming every member that is wrong, `provider_unsupported`,
 *   `access_denied` for a device of somebody else
 */
export function readNewDevice(json: unknown, user: VisitUser | null): NewDevice {
  const body = bodyOf(json)
  requiredTextMember(body, 'notificationProvider', NAME)
  const given = readDevice(body)
  if (given.platform === null) body.problems.push("'platform' of 'mobileClient' is required.")
  refuseBad(body)
  const owner = textMember(body, 'user', NAME)
  refuseBad(body)
  const own = [user?.id, user?.username.toLowerCase()]
  if (owner !== null && !own.includes(owner.toLowerCase())) {
    const text = "Apps register devices for their own user; leave 'user' out."
    throw new ApiError('access_denied', text, { status: 403 })
  }
  // Sound: a body without a provider has been refused.
  const provider = given.provider as Provider
  return { ...given, provider, type: TYPES[provider] }
}

/** @throws {ApiError} `param_invalid` naming every member that is wrong, `provider_unsupported` */
export function readKnownDevice(json: unknown): GivenDevice {
  const body = bodyOf(json)
  const given = readDevice(body)
  refuseBad(body)
  return given
}

function readDevice(body: Body): GivenDevice {
  const client = objectMember(body, 'mobileClient')
  if (!client) body.problems.push("'mobileClient' is required.")
  const own = client ?? { members: {}, problems: [] }
  const id = requiredTextMember(own, 'id', NAME)
  const version = textMember(own, 'version', NAME)
  const platform = textMember(own, 'platform', NAME)?.toUpperCase() ?? null
  const named = textMember(body, 'notificationProvider', NAME)
  const provider = named === null ? null : providerNamed(named)
  if (named !== null && provider === null) {
    body.problems.push(`${quoted(named)} is no provider; use ${PROVIDERS.join(', ')}.`)
  }
  checkPlatform(body, platform, provider)
  const token = requiredTextMember(body, 'notificationToken', TOKEN)
  return { client: { id, version }, platform, provider, token }
}

function checkPlatform(body: Body, platform: string | null, provider: Provider | null): void {
  if (platform === null) return
  if (platform === 'WINDOWS') {
    throw new ApiError('provider_unsupported', 'Nothing here can send to Windows.')
  }
  const providers = Object.hasOwn(PLATFORMS, platform) ? PLATFORMS[platform] : undefined
  if (!providers) {
    const known = Object.keys(PLATFORMS).join(', ')
    body.problems.push(`${quoted(platform)} is no platform; use ${known}.`)
  } else if (provider !== null && !providers.includes(provider)) {
    body.problems.push(`Devices of the platform ${platform} are told by ${providers.join(', ')}.`)
  }
}
