import { userFacts } from '../../engine/caller.ts'
import type { EngineContext } from '../../engine/context.ts'
import { isHash } from '../../engine/params.ts'
import { parseWhere } from '../../engine/where.ts'
import { ApiError } from '../../errors.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition, StoredRecord } from '../../storage/port.ts'
import { askedUser, relations } from '../friends/relations.ts'
import { inChannel } from './channels.ts'
import { type DeviceType, subscriptions } from './subscriptions.ts'

/** A `where` and a list of users or tokens may each name so many. */
export const NAMED_MAX = 1000

/** Whom a notification is for; what is absent does not narrow it. */
export type Audience = {
  readonly channels?: readonly string[]
  readonly userIds?: readonly string[]
  /** The friends of this user, as they are when it is sent. */
  readonly friendsOf?: string
  /** Users that have one of these roles, besides those of `userIds`. */
  readonly roles?: readonly string[]
  /** Digests of device tokens. */
  readonly devices?: readonly string[]
  readonly types?: readonly DeviceType[]
  /** The nearest {@link NAMED_MAX} devices that this finds. */
  readonly place?: Condition
}

/** How many devices go into one slice: one record of the log, and one job. */
export const SLICE = 200

/** Devices of an audience, by their ids, from a position on. */
export type Devices = (after: string) => Promise<readonly StoredRecord[]>

/** Looks up what changes (friends, and where devices are) once, for all slices. */
export async function devicesOf(
  context: EngineContext,
  backendId: string,
  audience: Audience,
): Promise<Devices> {
  const { store } = context
  const where = await conditions(context, backendId, audience)
  const scope = { backendId, type: subscriptions.name }
  if (audience.place) {
    const all: Condition[] = [...where, audience.place]
    const near = await store.find({ ...scope, where: { op: 'and', all }, limit: NAMED_MAX })
    const ids = near.records.map(({ id }) => id).sort()
    return (after) => {
      const next = ids.filter((id) => id > after).slice(0, SLICE)
      return store.getMany(backendId, subscriptions.name, next)
    }
  }
  const devices: Devices = async (after) => {
    const all: Condition[] = [...where, { op: 'gt', field: 'id', value: after }]
    const found = await store.find({
      ...scope,
      where: { op: 'and', all },
      orderBy: [{ field: 'id', direction: 'asc' }],
      limit: SLICE,
    })
    return found.records
  }
  const { roles, userIds = [] } = audience
  if (!roles) return devices
  const isMeant = async ({ ownerId }: StoredRecord) => {
    if (ownerId === null || userIds.includes(ownerId)) return ownerId !== null
    const facts = await userFacts(context, backendId, ownerId)
    return facts?.roles.some((role) => roles.includes(role)) ?? false
  }
  return (after) => filtered(devices, isMeant, after)
}

/** As many as fit into a slice of those that are meant: fewer only when there are no more. */
async function filtered(
  devices: Devices,
  isMeant: (record: StoredRecord) => Promise<boolean>,
  after: string,
): Promise<readonly StoredRecord[]> {
  const meant: StoredRecord[] = []
  for (let at = after; ; ) {
    const page = await devices(at)
    const are = await Promise.all(page.map(isMeant))
    meant.push(...page.filter((_, i) => are[i]))
    const last = page.at(-1)
    if (meant.length >= SLICE || page.length < SLICE || !last) return meant.slice(0, SLICE)
    at = last.id
  }
}

async function conditions(
  context: EngineContext,
  backendId: string,
  audience: Audience,
): Promise<Condition[]> {
  const { channels, userIds, roles, devices, types } = audience
  const friends = audience.friendsOf
    ? await friendIds(context, backendId, audience.friendsOf)
    : undefined
  return [
    ...(channels ? [inChannel(channels)] : []),
    // Whoever has a role is found by looking at each.
    ...(userIds && !roles ? [oneOf('user_id', userIds)] : []),
    ...(friends ? [oneOf('user_id', friends)] : []),
    ...(devices ? [oneOf('device', devices)] : []),
    ...(types ? [oneOf('type', types)] : []),
  ]
}

/** So many of a user's friends are told at most: as many as any list of friends shows. */
const FRIENDS_MAX = 5000

/** Of an app with one-way friendship: whom the user follows. */
async function friendIds(
  { store }: EngineContext,
  backendId: string,
  userId: string,
): Promise<string[]> {
  const { records } = await store.find({
    backendId,
    type: relations.name,
    where: {
      op: 'and',
      all: [
        { op: 'eq', field: 'user_id', value: keyOf(userId) },
        { op: 'eq', field: 'state', value: keyOf('accepted') },
      ],
    },
    limit: FRIENDS_MAX,
  })
  return records.map(askedUser)
}

function oneOf(field: string, values: readonly string[]): Condition {
  return { op: 'in', field, values: values.map(keyOf) }
}

/** The part of a `where` that is about places. @throws {ApiError} `param_invalid` */
export function placeOf(where: Readonly<Record<string, unknown>> | undefined): Condition | null {
  if (where?.loc === undefined) return null
  const condition = isHash(where.loc) ? parseWhere({ loc: where.loc }) : undefined
  if (condition?.op === 'near') return condition
  throw new ApiError(
    'param_invalid',
    'Invalid where parameter; loc needs $nearSphere, or $geoWithin with $centerSphere.',
  )
}
