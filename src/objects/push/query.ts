import { type Call, defineMethod } from '../../engine/definition.ts'
import { actingUser } from '../../engine/fill.ts'
import { SU_ID } from '../../engine/method-params.ts'
import { pageMeta } from '../../engine/methods/query.ts'
import { described, flag, id, required, text } from '../../engine/params.ts'
import { present } from '../../engine/present.ts'
import {
  PAGE_PARAMS,
  pageWindow,
  QUERY_PARAMS,
  type QueryValues,
  REACH,
  type Window,
} from '../../engine/query-params.ts'
import { ApiError } from '../../errors.ts'
import { tokenDigest } from '../../lib/ids.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition, CountQuery } from '../../storage/port.ts'
import { channelsInUse, inChannel } from './channels.ts'
import { dataOf, subscriptions, TYPE_PARAM } from './subscriptions.ts'

const GROUP = 'PushNotification'

/** Both pagings, whatever the release: these methods always had them. */
export const EITHER_PAGING = {
  limit: QUERY_PARAMS.limit,
  skip: QUERY_PARAMS.skip,
  count: described(flag(), 'Adds the number of all to `meta`.'),
  ...PAGE_PARAMS,
}

type Paging = Pick<QueryValues, 'limit' | 'skip' | 'page' | 'per_page'>

/** @throws {ApiError} `param_invalid` when both pagings are asked for */
export function eitherWindow(call: Call): Window {
  const { limit, skip, page, per_page } = call.params as Paging
  const byPage = page !== undefined || per_page !== undefined
  if (!byPage) return { limit: limit ?? 10, offset: skip ?? 0, page: null }
  if (limit === undefined && skip === undefined) return pageWindow(call.backend, { page, per_page })
  throw new ApiError('param_invalid', 'Use either limit and skip, or page and per_page.')
}

/** What `meta` tells of a list that has `total` members in all. */
export function windowMeta(call: Call, window: Window, total: number): Record<string, unknown> {
  return {
    ...(call.params.count === true ? { count: total } : {}),
    ...(window.page === null ? {} : pageMeta(window, total)),
  }
}

export const querySubscriptions = defineMethod({
  name: 'querySubscriptions',
  group: GROUP,
  verb: 'GET',
  path: 'push_notification/query',
  auth: 'user',
  summary: "Lists the caller's subscriptions; for administrators those of all users, or of one.",
  params: {
    ...SU_ID,
    user_id: described(id(), 'The same, as it was called.'),
    channel: text({ max: 255 }),
    device_token: text({ max: 4096 }),
    type: TYPE_PARAM,
    ...EITHER_PAGING,
  },
  returns: { key: 'subscriptions', schema: 'PushSubscription' },
  async run(call) {
    const window = eitherWindow(call)
    const all = await filters(call, call.params)
    const scope = {
      backendId: call.backend.id,
      type: subscriptions.name,
      where: { op: 'and', all } satisfies Condition,
    }
    const { store } = call.context
    const { records } = await store.find({ ...scope, limit: window.limit, offset: window.offset })
    const counts = call.params.count === true || window.page !== null
    const total = counts ? (await store.count({ ...scope, upTo: REACH })).count : 0
    const texts = await present(call, subscriptions, records)
    return { meta: windowMeta(call, window, total), items: { key: 'subscriptions', texts } }
  },
})

type Filters = {
  readonly su_id?: string | undefined
  readonly user_id?: string | undefined
  readonly channel?: string | undefined
  readonly device_token?: string | undefined
  readonly type?: string | undefined
}

async function filters(call: Call, params: Filters): Promise<Condition[]> {
  const userId = await whose(call, params.su_id || params.user_id)
  const { channel, device_token: token, type } = params
  const same = type === 'android' || type === 'gcm' ? ['android', 'gcm'] : [type]
  return [
    ...(userId === null ? [] : [equal('user_id', userId)]),
    ...(channel ? [inChannel([channel])] : []),
    ...(token ? [equal('device', tokenDigest(token))] : []),
    ...(type ? [{ op: 'in', field: 'type', values: same.map(keyOf) } as const] : []),
  ]
}

function equal(field: string, value: string): Condition {
  return { op: 'eq', field, value: keyOf(value) }
}

/** The user whose things are asked for; `null`: those of all, which administrators see. */
async function whose(call: Call, asked: string | undefined): Promise<string | null> {
  if (call.caller.admin && !asked) return null
  return actingUser({ ...call, params: { su_id: asked } })
}

export const queryChannels = defineMethod({
  name: 'queryPushChannels',
  group: GROUP,
  verb: 'GET',
  path: 'push_notification/channels/query',
  auth: 'user',
  summary: "Lists the channels of the caller's devices; for administrators those of the app.",
  params: {
    user_id: described(id(), "For administrators: this user's channels."),
    count: described(flag(), 'Adds the number of channels to `meta`.'),
    ...PAGE_PARAMS,
  },
  returns: { key: 'push_channels' },
  async run(call) {
    const userId = await whose(call, call.params.user_id)
    const names =
      userId === null ? await channelsInUse(call, subscriptions.name) : await ownOf(call, userId)
    const window = pageWindow(call.backend, call.params)
    const page = names.slice(window.offset, window.offset + window.limit)
    const meta = windowMeta(call, window, names.length)
    return { meta, response: { push_channels: page } }
  },
})

async function ownOf(call: Call, userId: string): Promise<string[]> {
  const { records } = await call.context.store.find({
    backendId: call.backend.id,
    type: subscriptions.name,
    where: equal('user_id', userId),
    limit: 1000,
  })
  return [...new Set(records.flatMap((record) => dataOf(record).channel))].sort()
}

export const showChannel = defineMethod({
  name: 'showPushChannels',
  group: GROUP,
  verb: 'GET',
  path: 'push_notification/channels/show',
  auth: 'admin',
  summary: 'Tells how many devices a channel has.',
  params: { name: required(text({ max: 255 })) },
  returns: { key: 'devices', schema: 'PushDevices', single: true },
  async run(call) {
    const inIt = inChannel([call.params.name])
    const [ios, android] = await Promise.all([
      counted(call, ['ios'], inIt),
      counted(call, ['android', 'gcm'], inIt),
    ])
    return { response: { devices: { ios_counts: ios, android_counts: android } } }
  },
})

export const countSubscriptions = defineMethod({
  name: 'push_notificationCount',
  group: GROUP,
  verb: 'GET',
  path: 'push_notification/count',
  auth: 'none',
  summary: 'Counts the devices that have subscribed to something.',
  params: {},
  returns: {
    key: 'push_notification_subscriptions',
    schema: 'PushCounts',
    single: true,
    optional: true,
    meta: { count: { type: 'integer', minimum: 0 } },
  },
  async run(call) {
    const [count, ios, android] = await Promise.all([
      counted(call, null),
      counted(call, ['ios']),
      counted(call, ['android', 'gcm']),
    ])
    const response = count > 0 ? { push_notification_subscriptions: { android, ios } } : {}
    return { meta: { count }, response }
  },
})

async function counted(
  call: Call,
  types: readonly string[] | null,
  also?: Condition,
): Promise<number> {
  const all: Condition[] = [
    ...(types ? [{ op: 'in', field: 'type', values: types.map(keyOf) } as const] : []),
    ...(also ? [also] : []),
  ]
  const query: CountQuery = {
    backendId: call.backend.id,
    type: subscriptions.name,
    ...(all.length > 0 ? { where: { op: 'and', all } } : {}),
  }
  return (await call.context.store.count(query)).count
}
