import { type Call, defineMethod, type Reply } from '../../engine/definition.ts'
import { scopeOf } from '../../engine/methods/query.ts'
import {
  described,
  hash,
  integer,
  isHash,
  list,
  type Param,
  required,
} from '../../engine/params.ts'
import { retryLoop, write } from '../../engine/steps.ts'
import { parseWhere } from '../../engine/where.ts'
import { ApiError } from '../../errors.ts'
import { isObjectId, tokenDigest } from '../../lib/ids.ts'
import { payloadProblem } from '../../push/payload.ts'
import { type Allowance, countInHour } from '../allowance.ts'
import { users } from '../users/users.ts'
import { type Audience, NAMED_MAX, placeOf } from './audience.ts'
import { assertConfigured } from './credentials.ts'
import { newNotification } from './notification.ts'
import { checkChannels } from './subscriptions.ts'

const GROUP = 'PushNotification'

/** Bytes. More than any service takes, so that its limit is told in the log and not here. */
const PAYLOAD_MAX = 16_384

/** Four weeks and more: no service keeps anything for longer. */
const EXPIRE_MAX_S = 31_536_000

/** Text, or a hash; a file, as some clients send it by mistake, is refused. */
export const payload: Param<string | undefined> = {
  schema: {
    type: ['string', 'object'],
    additionalProperties: true,
    description: 'Text is the alert; a hash has alert, badge, sound ... and members of your own.',
  },
  required: false,
  read(raw, name) {
    if (raw === undefined || raw === null || raw === '') return undefined
    if (typeof raw !== 'string' && typeof raw !== 'number') hash().read(raw, name)
    const text = typeof raw === 'object' ? JSON.stringify(raw) : String(raw)
    checkPayload(text)
    return text
  },
}

/** @throws {ApiError} `param_invalid` */
export function checkPayload(text: string): void {
  if (Buffer.byteLength(text) > PAYLOAD_MAX) {
    throw new ApiError(
      'param_invalid',
      `Invalid payload parameter; value must be at most ${PAYLOAD_MAX} bytes long`,
    )
  }
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new ApiError('param_invalid', 'Invalid payload parameter; value must be Unicode text')
  }
  const problem = payloadProblem(text)
  if (problem !== null) throw new ApiError('param_invalid', problem)
}

const NOTIFY_PARAMS = {
  channel: described(required(list()), 'A name, or several; each device is told once.'),
  payload: required(payload),
  options: described(hash(), '{"expire_after_seconds": n}'),
  where: described(hash(), '{"user": <query of users>} or {"loc": <query of places>}'),
}

const RETURNS = { key: 'push_notification', schema: 'PushNotification', single: true }

export const notify = defineMethod({
  name: 'Notify',
  group: GROUP,
  verb: 'POST',
  path: 'push_notification/notify',
  auth: 'user',
  summary: 'Sends a push notification to the devices of users that have subscribed to a channel.',
  params: {
    ...NOTIFY_PARAMS,
    friends: {
      schema: { description: "Any value: the caller's friends." },
      required: false,
      read: (raw: unknown) => raw !== undefined,
    },
    to_ids: described(list(), 'Ids of users; for administrators also `everyone`.'),
  },
  returns: RETURNS,
  async run(call) {
    const { friends, to_ids: toIds, where } = call.params
    const place = placeOf(where)
    if (!friends && !toIds?.length && !where) throw missingTarget('to_ids')
    if (place && toIds?.length) throw together('to_ids')
    if (place && !friends && !call.caller.admin) throw missingTarget('friends')
    const userIds = toIds?.length ? userIdsOf(call, toIds) : await queriedUsers(call, where)
    const audience: Audience = {
      ...(userIds ? { userIds } : {}),
      ...(friends && call.caller.userId ? { friendsOf: call.caller.userId } : {}),
      ...(place ? { place } : {}),
    }
    return begin(call, audience, toIds?.join(',') ?? null)
  },
})

export const notifyTokens = defineMethod({
  name: 'NotifyTokens',
  group: GROUP,
  verb: 'POST',
  path: 'push_notification/notify_tokens',
  auth: 'none',
  summary: 'Sends a push notification to devices that have subscribed to a channel.',
  params: {
    ...NOTIFY_PARAMS,
    to_tokens: described(list(), 'Device tokens; for administrators also `everyone`.'),
  },
  returns: RETURNS,
  async run(call) {
    if (call.backend.settings.notifyTokensAdminOnly && !call.caller.admin) {
      throw new ApiError('admin_required')
    }
    const { to_tokens: tokens, where } = call.params
    const place = placeOf(where)
    if (!tokens?.length && !where) throw missingTarget('to_tokens')
    if (place && tokens?.length) throw together('to_tokens')
    if (place && !call.caller.admin) throw new ApiError('admin_required')
    const userIds = await queriedUsers(call, where)
    const devices = tokens?.length ? devicesNamed(call, tokens) : null
    const audience: Audience = {
      ...(userIds ? { userIds } : {}),
      ...(devices ? { devices } : {}),
      ...(place ? { place } : {}),
    }
    return begin(call, audience, isEveryone(tokens) ? 'everyone' : null)
  },
})

type NotifyCall = Call<{
  readonly channel: readonly string[]
  readonly payload: string
  readonly options: Readonly<Record<string, unknown>> | undefined
  readonly where: Readonly<Record<string, unknown>> | undefined
}>

/** Writes it down and answers; the devices are found and told by jobs. */
async function begin(call: NotifyCall, audience: Audience, toIds: string | null): Promise<Reply> {
  const { params, context, backend, caller } = call
  const channels = checkChannels(params.channel)
  const expireAfterS = expiryOf(params.options)
  await assertConfigured(context, backend.id)
  const { id, operations } = newNotification(context, backend.id, {
    channels,
    payload: params.payload,
    userId: caller.userId,
    audience: { ...audience, channels },
    expireAfterS,
    toIds,
    geoCondition: audience.place ? JSON.stringify(params.where?.loc) : null,
  })
  await retryLoop(async () => {
    const counted = caller.admin ? [] : await countInHour(call, allowanceOf(call), 1)
    await write(call as unknown as Call, [...counted, ...operations])
  })
  context.wakeJobs()
  const channel = channels.join(',')
  return { response: { push_notification: { id, payload: params.payload, channel } } }
}

/** Not strict: with many calls at once each would wait for all others. */
function allowanceOf({ backend }: Pick<Call, 'backend'>): Allowance {
  const max = backend.settings.pushesPerHour
  return { type: '$push_count', what: 'push notifications', max, isStrict: false }
}

/** `options` of a notification. @throws {ApiError} `param_invalid` */
export function expiryOf(options: Readonly<Record<string, unknown>> | undefined): number | null {
  const seconds = integer({ min: 0, max: EXPIRE_MAX_S })
  return seconds.read(options?.expire_after_seconds, 'expire_after_seconds') ?? null
}

function isEveryone(names: readonly string[] | undefined): boolean {
  return names?.length === 1 && names[0] === 'everyone'
}

/** `null`: everyone. @throws {ApiError} `admin_required`, "Illegal to_ids format" */
function userIdsOf(call: Call, ids: readonly string[]): readonly string[] | null {
  if (isEveryone(ids)) {
    if (call.caller.admin) return null
    throw new ApiError('admin_required')
  }
  return checkUserIds(ids)
}

/** @throws {ApiError} "Illegal to_ids format" */
export function checkUserIds(ids: readonly string[]): readonly string[] {
  if (!ids.every(isObjectId)) throw new ApiError('param_invalid', 'Illegal to_ids format')
  if (ids.length > NAMED_MAX) throw tooMany('to_ids')
  return [...new Set(ids)]
}

function devicesNamed(call: Call, tokens: readonly string[]): readonly string[] | null {
  if (isEveryone(tokens)) {
    if (call.caller.admin) return null
    throw new ApiError('admin_required')
  }
  if (tokens.length > NAMED_MAX) throw tooMany('to_tokens')
  return [...new Set(tokens)].map(tokenDigest)
}

/** Ids of the users that `where.user` finds and the caller may see; `null` without one. */
async function queriedUsers(
  call: Call,
  where: Readonly<Record<string, unknown>> | undefined,
): Promise<readonly string[] | null> {
  const asked = where?.user
  if (where && asked === undefined && where.loc === undefined) {
    throw new ApiError('param_invalid', 'Invalid where parameter; it needs user or loc.')
  }
  if (asked === undefined) return null
  if (!isHash(asked))
    throw new ApiError('param_invalid', 'Invalid where parameter; user is a hash.')
  const scope = scopeOf(call, users, parseWhere(asked))
  const { records } = await call.context.store.find({ ...scope, limit: NAMED_MAX })
  return records.map(({ id }) => id)
}

function missingTarget(name: string): ApiError {
  return new ApiError('param_invalid', `Required field: ${name}`)
}

function together(name: string): ApiError {
  return new ApiError('param_invalid', `A location query cannot be combined with ${name}.`)
}

function tooMany(name: string): ApiError {
  return new ApiError(
    'param_invalid',
    `Invalid ${name} parameter; at most ${NAMED_MAX} can be named`,
  )
}
