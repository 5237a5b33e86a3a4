import type { EngineContext } from '../../engine/context.ts'
import { type Call, defineObject } from '../../engine/definition.ts'
import { type Draft, draftOf, newDraft } from '../../engine/draft.ts'
import { described, list, required, text } from '../../engine/params.ts'
import { recordOf, retryLoop, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { objectId, tokenDigest } from '../../lib/ids.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Claim, NewRecord, StoredRecord, WriteOperation } from '../../storage/port.ts'
import { channelOperations } from './channels.ts'

const TYPES = ['ios', 'android', 'gcm', 'web'] as const
const CHANNELS_MAX = 1000

export type DeviceType = (typeof TYPES)[number]

/** Not below 4096: no service has longer tokens. */
const TOKEN_MAX = 4096

/** A device, and the channels whose notifications it gets: one for each device token. */
export const subscriptions = defineObject({
  name: 'push_subscription',
  title: 'PushSubscription',
  collection: 'subscriptions',
  idParam: 'id',
  description: 'A device, and the channels whose notifications it gets.',
  methods: {},
  fields: {},
  computed: {
    channel: { type: 'array', items: { type: 'string' } },
    device_token: { type: 'string' },
    type: { enum: TYPES },
    badge_number: { type: 'integer', minimum: 0 },
    loc: { type: 'array', items: { type: 'number' }, description: '[longitude, latitude]' },
  },
  points: ({ data }) => (data.loc ? { loc: data.loc as [number, number] } : {}),
  // A token is all that one needs to push to a device.
  seenOnlyBy: ({ ownerId }) => (ownerId === null ? [] : [ownerId]),
  // By its digest, since tokens are longer than what can be found.
  hiddenKeys: ({ data }) => ({ device: tokenDigest(String(data.device_token)) }),
  claims: ({ data }) => [{ ...deviceClaim(String(data.device_token)), taken: 'Try again.' }],
})

export const DEVICE_TOKEN = {
  device_token: described(
    required(text({ max: TOKEN_MAX })),
    "The device's token; for browsers the JSON text of the PushSubscription.",
  ),
}

export const TYPE_PARAM = text({
  pattern: new RegExp(`^(${TYPES.join('|')})$`),
  expected: 'ios, android or web',
})

export const CHANNEL_PARAM = described(list(), 'A name, or several: comma list or JSON list.')

/** @throws {ApiError} `param_invalid` */
export function checkChannels(channels: readonly string[] | undefined): readonly string[] {
  if (!channels || channels.length === 0) {
    throw new ApiError('param_invalid', 'Required field: channel')
  }
  const isRight = (name: string) =>
    !name.includes(',') && !name.startsWith('#') && name.length <= 255
  if (!channels.every(isRight)) {
    throw new ApiError(
      'param_invalid',
      'Invalid channel parameter; a name has at most 255 characters, no comma, and no # at its beginning',
    )
  }
  return [...new Set(channels)]
}

/** By it the one subscription of a device is found. */
export function deviceClaim(token: string): Claim {
  return { scope: 'push.device', value: tokenDigest(token) }
}

export function findDevice(call: Call, token: string): Promise<StoredRecord | null> {
  return call.context.store.getByClaim(call.backend.id, deviceClaim(token))
}

/** @throws {ApiError} "Subscription not found", also for a device of another user */
export async function loadDevice(
  call: Call,
  token: string,
  userId: string | null,
): Promise<StoredRecord> {
  const found = await findDevice(call, token)
  const isOthers = found?.ownerId && userId !== null && found.ownerId !== userId
  if (!found || isOthers) throw notFound()
  return found
}

export function notFound(): ApiError {
  return new ApiError('object_unknown', 'Subscription not found')
}

export type SubscriptionData = {
  readonly channel: readonly string[]
  readonly device_token: string
  readonly type: DeviceType
  readonly badge_number: number
  readonly loc?: readonly [number, number]
}

export function dataOf(record: StoredRecord): SubscriptionData {
  return JSON.parse(record.data) as SubscriptionData
}

type Wish = {
  readonly channels: readonly string[]
  readonly token: string
  readonly type: DeviceType
  /** `null`: whoever has it keeps it. */
  readonly ownerId: string | null
  /** The app on the device, where it says so. */
  readonly client?: DeviceClient
}

/** An app, as a device that it is on tells of it. */
export type DeviceClient = { readonly id: string; readonly version: string | null }

/** The app that a device was registered for; `null` when none was named. */
export function clientOf({ hidden }: StoredRecord): DeviceClient | null {
  return (JSON.parse(hidden ?? '{}') as { readonly client?: DeviceClient }).client ?? null
}

/** Makes the device's subscription, or adds channels to the one it has. */
export async function subscribeDevice(
  call: Call,
  wish: Wish,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  return retryLoop(async () => {
    const before = await findDevice(call, wish.token)
    const draft = before ? draftOf(before) : newDraft(objectId(call.context.now()), null)
    const isHandedOver = before?.ownerId && wish.ownerId && before.ownerId !== wish.ownerId
    // What the user before him had subscribed to is not for the new one.
    const kept = isHandedOver || !before ? [] : dataOf(before).channel
    const channels = [...new Set([...kept, ...wish.channels])]
    if (channels.length > CHANNELS_MAX) {
      throw new ApiError('param_invalid', `A device can subscribe to ${CHANNELS_MAX} channels.`)
    }
    draft.ownerId = wish.ownerId ?? draft.ownerId
    const badge = isHandedOver ? 0 : (draft.data.badge_number ?? 0)
    const { token: device_token, type } = wish
    Object.assign(draft.data, { channel: channels, device_token, type, badge_number: badge })
    if (isHandedOver) delete draft.data.loc
    noteClient(draft, wish.client)
    const added = wish.channels.filter((name) => !kept.includes(name))
    const names = await channelOperations(call, added)
    await write(call, [saving(call, draft), ...names])
    return { id: draft.id, isNew: before === null }
  })
}

function noteClient({ hidden }: Draft, client: DeviceClient | undefined): void {
  if (client) hidden.client = client
}

/** The write of a changed subscription. */
export function saving(call: Call, draft: Draft): WriteOperation {
  const record = recordOf(call, subscriptions, draft)
  const { before } = draft
  return before ? { op: 'replace', record, ifVersion: before.version } : { op: 'insert', record }
}

/** The same with another badge; `null` when it is that already. */
export function withBadge(record: StoredRecord, badge: number, now: number): NewRecord | null {
  const data = dataOf(record)
  if (data.badge_number === badge) return null
  return {
    ...record,
    updatedAt: now,
    data: JSON.stringify({ ...data, badge_number: badge }),
    keys: { ...record.keys, badge_number: keyOf(badge) },
  }
}

export function removal({ backendId, type, id, version }: StoredRecord): WriteOperation {
  return { op: 'delete', address: { backendId, type, id }, ifVersion: version }
}

/** The operations that take a user's devices with him. */
export async function devicesToRemove(
  context: EngineContext,
  user: StoredRecord,
): Promise<WriteOperation[]> {
  const { records } = await context.store.find({
    backendId: user.backendId,
    type: subscriptions.name,
    where: { op: 'eq', field: 'user_id', value: keyOf(user.id) },
    limit: 1000,
  })
  return records.map(removal)
}
