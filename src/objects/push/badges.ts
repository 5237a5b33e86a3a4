import { randomUUID } from 'node:crypto'
import type { EngineContext } from '../../engine/context.ts'
import { type Call, defineMethod } from '../../engine/definition.ts'
import { described, required, text } from '../../engine/params.ts'
import { retryLoop, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { type BadgeChange, changedBadge, parseBadge } from '../../push/payload.ts'
import type { RecordAddress, StoredRecord, WriteOperation } from '../../storage/port.ts'
import { dataOf, loadDevice, subscriptions, withBadge } from './subscriptions.ts'

const GROUP = 'PushNotification'
const SLICE = 200

/** Changes the badges of all devices of an app. */
export const BADGES_JOB = 'push.badges'

export type BadgesPayload = { readonly sweep: string }

const DEVICE = described(text({ max: 4096 }), 'One device; administrators may leave it out: all.')

export const setBadge = defineMethod({
  name: 'setBadge',
  group: GROUP,
  verb: 'PUT',
  path: 'push_notification/set_badge',
  auth: 'none',
  summary: 'Sets the badge that is kept for a device, or adds to it. Nothing is pushed.',
  params: {
    device_token: DEVICE,
    badge_number: described(required(text({ max: 11 })), '`5`, `+2` or `-1`.'),
  },
  returns: {},
  async run(call) {
    const change = parseBadge(call.params.badge_number)
    if (!change) {
      throw new ApiError(
        'param_invalid',
        'Invalid badge_number parameter; value must be 5, +2 or -1',
      )
    }
    await changeBadges(call, call.params.device_token, change)
    return {}
  },
})

export const resetBadge = defineMethod({
  name: 'resetBadge',
  group: GROUP,
  verb: 'PUT',
  // The one path that clients call where the verb decides.
  alsoBy: 'GET',
  path: 'push_notification/reset_badge',
  auth: 'none',
  summary: 'PUT: sets the badge of a device to 0. GET, for administrators: those of all devices.',
  params: { device_token: DEVICE },
  returns: {},
  async run(call) {
    const token = call.params.device_token
    if (!token && call.request.verb !== 'GET') {
      throw new ApiError('param_invalid', 'Required field: device_token')
    }
    await changeBadges(call, token, { op: 'set', by: 0 })
    return {}
  },
})

/** Of one device, or without a token of all: that takes a while, and an administrator. */
async function changeBadges(
  call: Call,
  token: string | undefined,
  change: BadgeChange,
): Promise<void> {
  if (token) return changeOne(call, token, change)
  if (call.caller.userId === null)
    throw new ApiError('param_invalid', 'Required field: device_token')
  if (!call.caller.admin) throw new ApiError('admin_required')
  await write(call, beginSweep(call, change))
  call.context.wakeJobs()
}

async function changeOne(call: Call, token: string, change: BadgeChange): Promise<void> {
  await retryLoop(async () => {
    const device = await loadDevice(call, token, null)
    const operation = badgeOperation(device, change, call.context.now())
    if (operation) await write(call, [operation])
  })
}

function badgeOperation(
  device: StoredRecord,
  change: BadgeChange,
  now: number,
): WriteOperation | null {
  const record = withBadge(device, changedBadge(dataOf(device).badge_number, change), now)
  return record && { op: 'replace', record, ifVersion: device.version }
}

/** How far a change of all badges has come; gone when it is done. */
const SWEEP_TYPE = '$push_sweep'

type Sweep = { readonly change: BadgeChange; readonly after: string }

function beginSweep(call: Call, change: BadgeChange): WriteOperation[] {
  const [backendId, id, now] = [call.backend.id, randomUUID(), call.context.now()]
  const job = {
    backendId,
    id,
    kind: BADGES_JOB,
    payload: JSON.stringify({ sweep: id }),
    runAt: now,
  }
  const record = {
    ...{ backendId, type: SWEEP_TYPE, id, ownerId: null, aclId: null, hidden: null },
    ...{ createdAt: now, updatedAt: now, keys: {}, claims: [] },
    data: JSON.stringify({ change, after: '' } satisfies Sweep),
  }
  return [
    { op: 'insert', record },
    { op: 'enqueue', job },
  ]
}

/**
 * The job: slice by slice, each in one batch with the note of how far it has come, so that `+1` is
 * added once however often the server is killed.
 */
export async function runBadges(
  context: EngineContext,
  backendId: string,
  payload: BadgesPayload,
  signal: AbortSignal,
): Promise<void> {
  const address = { backendId, type: SWEEP_TYPE, id: payload.sweep }
  while (await retryLoop(() => sweepSlice(context, address))) signal.throwIfAborted()
}

/** @returns whether there may be more to do */
async function sweepSlice(context: EngineContext, address: RecordAddress): Promise<boolean> {
  const sweep = await context.store.get(address)
  if (!sweep) return false
  const { change, after } = JSON.parse(sweep.data) as Sweep
  const { records } = await context.store.find({
    ...{ backendId: address.backendId, type: subscriptions.name, limit: SLICE },
    where: { op: 'gt', field: 'id', value: after },
    orderBy: [{ field: 'id', direction: 'asc' }],
  })
  const now = context.now()
  const last = records.at(-1)
  const isMore = last !== undefined && records.length === SLICE
  const data = JSON.stringify({ change, after: last?.id ?? after } satisfies Sweep)
  const note: WriteOperation = isMore
    ? { op: 'replace', record: { ...sweep, data }, ifVersion: sweep.version }
    : { op: 'delete', address, ifVersion: sweep.version }
  const changes = records.flatMap((one) => badgeOperation(one, change, now) ?? [])
  await context.store.write({ operations: [note, ...changes], actor: 'system', at: now })
  return isMore
}
