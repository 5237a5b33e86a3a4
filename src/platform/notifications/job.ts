import { guardsRoles } from '../../engine/backend.ts'
import { EMAIL_SCOPE, USER_TYPE, USERNAME_SCOPE } from '../../engine/caller.ts'
import type { EngineContext } from '../../engine/context.ts'
import { backendWith } from '../../engine/effective-backend.ts'
import { retryLoop } from '../../engine/steps.ts'
import { isObjectId } from '../../lib/ids.ts'
import { newNotification } from '../../objects/push/notification.ts'
import { pushTotals } from '../../objects/push/outcome.ts'
import { folded } from '../../objects/users/users.ts'
import type { StoredRecord } from '../../storage/port.ts'
import {
  dataOf,
  hiddenOf,
  movedOn,
  NOTIFICATION_TYPE,
  type Progress,
} from '../../tools/notifications/notification.ts'

/** Something became of a part of a notification. */
export const FOLLOW_JOB = 'hub.notify.follow'

const FAILURES_MAX = 100

const NAMES_AT_ONCE = 50

type Payload = { readonly id: string }

const IN_TRASH = [{ deviceId: null, code: null, reason: 'The backend is in the trash.' }]

/**
 * The job: makes pushes of a notification whose time has come. They and the note of it are one
 * batch, so it is sent once, and not at all if it was taken back before.
 */
export async function beginNotification(
  context: EngineContext,
  backendId: string,
  { id }: Payload,
): Promise<void> {
  const address = { backendId, type: NOTIFICATION_TYPE, id }
  await retryLoop(async () => {
    const record = await context.store.get(address)
    if (!record) return
    const { status, createdBy: actor } = dataOf(record)
    if (status !== 'New' && status !== 'Scheduled') return
    const at = context.now()
    const processedOn = new Date(at).toISOString()
    const backend = await backendWith(context, backendId)
    if (!backend || backend.inTrash) {
      const ended = { status: 'Error', processedOn, failures: IN_TRASH } as const
      await context.store.write({ operations: [movedOn(record, ended, { at })], actor, at })
      return
    }
    const pushes = await pushesOf(context, record, guardsRoles(backend))
    const pushIds = pushes.map((push) => push.id)
    const note = movedOn(record, { status: 'Sending', processedOn }, { at, pushIds })
    const operations = [note, ...pushes.flatMap((push) => push.operations)]
    await context.store.write({ operations, actor, at })
  })
  context.wakeJobs()
}

/** One push for each content that the notification has. */
async function pushesOf(context: EngineContext, record: StoredRecord, rolesCount: boolean) {
  const { users, roles } = dataOf(record)
  const { parts, devices } = hiddenOf(record)
  const { backendId } = record
  const userIds = users && (await idsOf(context, backendId, users))
  const audience = {
    ...(userIds && { userIds }),
    ...(roles && { roles: rolesCount ? roles : [] }),
    ...(devices && { devices }),
  }
  const isForAll = !users && !roles && !devices
  return parts.map(({ types, payload }) =>
    newNotification(context, backendId, {
      ...{ channels: null, payload, userId: null, expireAfterS: null, geoCondition: null },
      toIds: isForAll ? 'everyone' : (userIds?.join(',') ?? null),
      audience: { ...audience, types },
      follower: { kind: FOLLOW_JOB, id: record.id },
    }),
  )
}

/** Users by their ids, names or mail addresses; those who are not there are passed over. */
async function idsOf(
  { store }: EngineContext,
  backendId: string,
  names: readonly string[],
): Promise<string[]> {
  const idOf = async (name: string) => {
    const value = folded(name)
    const found =
      (isObjectId(name) && (await store.get({ backendId, type: USER_TYPE, id: name }))) ||
      (await store.getByClaim(backendId, { scope: USERNAME_SCOPE, value })) ||
      (await store.getByClaim(backendId, { scope: EMAIL_SCOPE, value }))
    return found ? [found.id] : []
  }
  const ids = new Set<string>()
  for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
    const found = await Promise.all(names.slice(at, at + NAMES_AT_ONCE).map(idOf))
    for (const id of found.flat()) ids.add(id)
  }
  return [...ids]
}

/** The job: sums up how far a notification is. */
export async function followNotification(
  context: EngineContext,
  backendId: string,
  { id }: Payload,
): Promise<void> {
  await retryLoop(async () => {
    const record = await context.store.get({ backendId, type: NOTIFICATION_TYPE, id })
    if (!record || dataOf(record).status !== 'Sending') return
    const { pushIds } = hiddenOf(record)
    const totals = await pushTotals(context, backendId, pushIds, FAILURES_MAX)
    const { devices: deviceCount, sent: sentCount, failed: failedCount, gone: goneCount } = totals
    const isFlawless = failedCount + goneCount === 0
    const ended = isFlawless ? 'Sent' : sentCount > 0 ? 'Warning' : 'Error'
    const progress: Partial<Progress> = {
      status: totals.isDone ? ended : 'Sending',
      ...{ deviceCount, sentCount, failedCount, goneCount },
      failures: totals.failures.map((one) => ({
        ...{ deviceId: one.subscription_id, code: one.error_code, reason: one.error_message },
      })),
    }
    const at = context.now()
    await context.store.write({
      operations: [movedOn(record, progress, { at })],
      ...{ actor: 'system', at },
    })
  })
}
