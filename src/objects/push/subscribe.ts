import { coordinatePairs } from '../../engine/custom-fields.ts'
import { type Call, defineMethod } from '../../engine/definition.ts'
import { draftOf } from '../../engine/draft.ts'
import { actingUser } from '../../engine/fill.ts'
import { SU_ID } from '../../engine/method-params.ts'
import { described, id, json, list, required } from '../../engine/params.ts'
import { retryLoop, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import {
  CHANNEL_PARAM,
  checkChannels,
  DEVICE_TOKEN,
  type DeviceType,
  dataOf,
  findDevice,
  loadDevice,
  notFound,
  removal,
  saving,
  subscribeDevice,
  TYPE_PARAM,
} from './subscriptions.ts'

const GROUP = 'PushNotification'

/** `su_id`, and its name before release 1.1.9. */
export const USER_PARAMS = { ...SU_ID, user_id: described(id(), 'The same, as it was called.') }

/** @throws {ApiError} */
export function actingFor(call: Call): Promise<string> {
  const { su_id, user_id } = call.params
  return actingUser({ ...call, params: { ...call.params, su_id: su_id || user_id } })
}

export const subscribe = defineMethod({
  name: 'SubscribeNotification',
  group: GROUP,
  verb: 'POST',
  path: 'push_notification/subscribe',
  auth: 'user',
  summary: 'Subscribes a device of the caller to channels, besides those it has.',
  params: {
    channel: described(required(list()), 'A name, or several.'),
    ...DEVICE_TOKEN,
    type: required(TYPE_PARAM),
    ...USER_PARAMS,
  },
  returns: {},
  async run(call) {
    const { channel, device_token: token, type } = call.params
    const ownerId = await actingFor(call)
    const channels = checkChannels(channel)
    await subscribeDevice(call, { channels, token, type: deviceType(call, token, type), ownerId })
    return {}
  },
})

export const subscribeToken = defineMethod({
  name: 'SubscribeNotificationByToken',
  group: GROUP,
  verb: 'POST',
  path: 'push_notification/subscribe_token',
  auth: 'none',
  summary: 'Subscribes a device to channels, without a user.',
  params: {
    channel: described(required(list()), 'A name, or several.'),
    ...DEVICE_TOKEN,
    type: TYPE_PARAM,
  },
  returns: {},
  async run(call) {
    const { channel, device_token: token, type } = call.params
    const channels = checkChannels(channel)
    const wish = { channels, token, type: deviceType(call, token, type), ownerId: null }
    await subscribeDevice(call, wish)
    return {}
  },
})

/** Without a type the form of the token tells. @throws {ApiError} for what is no browser's token */
function deviceType(call: Call, token: string, given: string | undefined): DeviceType {
  const type = given || (/^[0-9a-f]{64}$/i.test(token) ? 'ios' : isJson(token) ? 'web' : 'android')
  const refusal = type === 'web' ? call.context.push.refusal(token) : null
  if (refusal === null) return type as DeviceType
  throw new ApiError('param_invalid', `Invalid device_token parameter; ${refusal}`)
}

function isJson(token: string): boolean {
  return token.startsWith('{')
}

export const unsubscribe = defineMethod({
  name: 'UnsubscribeNotification',
  group: GROUP,
  verb: 'DELETE',
  path: 'push_notification/unsubscribe',
  auth: 'user',
  summary: 'Takes a device of the caller out of channels, or out of all.',
  params: { ...DEVICE_TOKEN, channel: CHANNEL_PARAM, ...USER_PARAMS },
  returns: {},
  async run(call) {
    const userId = await actingFor(call)
    await unsubscribeDevice(call, call.params.device_token, call.params.channel, userId)
    return {}
  },
})

export const unsubscribeToken = defineMethod({
  name: 'UnsubscribeNotificationByToken',
  group: GROUP,
  verb: 'DELETE',
  path: 'push_notification/unsubscribe_token',
  auth: 'none',
  summary: 'Takes a device out of channels, or out of all.',
  params: { ...DEVICE_TOKEN, channel: CHANNEL_PARAM },
  returns: {},
  async run(call) {
    await unsubscribeDevice(call, call.params.device_token, call.params.channel, null)
    return {}
  },
})

async function unsubscribeDevice(
  call: Call,
  token: string,
  channels: readonly string[] | undefined,
  userId: string | null,
): Promise<void> {
  await retryLoop(async () => {
    const record = await loadDevice(call, token, userId)
    await write(call, [withoutChannels(call, record, channels ?? [])])
  })
}

/** @throws {ApiError} "Subscription not found" when it has none of the channels */
function withoutChannels(call: Call, record: StoredRecord, channels: readonly string[]) {
  const present = dataOf(record).channel
  const left = channels.length === 0 ? [] : present.filter((one) => !channels.includes(one))
  if (channels.length > 0 && left.length === present.length) throw notFound()
  if (left.length === 0) return removal(record)
  const draft = draftOf(record)
  draft.data.channel = left
  return saving(call, draft)
}

export const updateSubscription = defineMethod({
  name: 'UpdateSubscription',
  group: GROUP,
  verb: 'PUT',
  path: 'push_notification/subscription/update',
  auth: 'user',
  summary: 'Says where a device of the caller is.',
  params: {
    ...DEVICE_TOKEN,
    loc: described(json(), '[longitude, latitude] in degrees; empty text takes it away.'),
    ...USER_PARAMS,
  },
  returns: {},
  async run(call) {
    const userId = await actingFor(call)
    const { device_token: token, loc } = call.params
    const [point] = loc === undefined ? [] : positions(loc)
    const clears = call.input.loc === ''
    await retryLoop(async () => {
      const draft = draftOf(await loadDevice(call, token, userId))
      if (point) draft.data.loc = point
      else if (clears) delete draft.data.loc
      await write(call, [saving(call, draft)])
    })
    return {}
  },
})

/** Repeated `loc[]` come as text. */
function positions(loc: unknown): [number, number][] {
  const points = coordinatePairs(loc)
  if (points.length !== 1) {
    throw new ApiError(
      'param_invalid',
      'Invalid loc parameter; value must be [longitude, latitude]',
    )
  }
  return points
}

/** At logout: the device gets no more pushes. One that is not the caller's stays as it is. */
export async function cancelDevice(call: Call, token: string | undefined): Promise<void> {
  if (!token) return
  await retryLoop(async () => {
    const device = await findDevice(call, token)
    const isOwn = device?.ownerId === null || device?.ownerId === call.caller.userId
    if (device && isOwn) await write(call, [removal(device)])
  })
}
