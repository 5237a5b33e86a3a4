import { type Call, defineMethod, defineObject } from '../../engine/definition.ts'
import { type Draft, draftOf, newDraft } from '../../engine/draft.ts'
import { described, hash, id, list, required, text } from '../../engine/params.ts'
import { present } from '../../engine/present.ts'
import { REACH, VIEW_PARAMS } from '../../engine/query-params.ts'
import { load, recordOf, replyWith, retrying, retryLoop, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { isObjectId, objectId } from '../../lib/ids.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition, WriteOperation } from '../../storage/port.ts'
import { EITHER_PAGING, eitherWindow, windowMeta } from './query.ts'
import { type Plan, planOf, readPlan, shownPlan } from './schedule-plan.ts'
import { tickJob } from './tick.ts'

const GROUP = 'PushSchedule'
const SCHEDULES_MAX = 100

/** A notification that is sent at a time to come, once or again and again. */
export const schedules = defineObject({
  name: 'push_schedule',
  title: 'PushSchedule',
  collection: 'push_schedules',
  idParam: 'id',
  description: 'A notification that is sent at a time to come, once or again and again.',
  methods: {},
  fields: {},
  computed: {
    name: { type: 'string' },
    start_time: { type: 'string' },
    push_notification: { type: 'object', additionalProperties: true },
    recurrence: { type: 'object', additionalProperties: true },
  },
  seenOnlyBy: () => [],
  // One of as many numbers as there may be schedules: so no race makes one too many.
  claims: ({ hidden }) => [{ scope: 'push.schedule', value: String(hidden.slot), taken: '' }],
})

const PARAMS = {
  schedule: described(
    required(hash()),
    '{"name", "start_time", "push_notification": {"channel", "payload", "to_ids", "options"}, "recurrence": {"interval", "end_time"}}',
  ),
  where: described(hash(), '{"loc": <query of places>}'),
  ...VIEW_PARAMS,
}

const RETURNS = { key: 'push_schedules', schema: 'PushSchedule' }

export const createSchedule = defineMethod({
  name: 'createPushSchedule',
  group: GROUP,
  verb: 'POST',
  path: 'push_schedules/create',
  aliases: ['push_schedule/create'],
  auth: 'admin',
  summary: 'Schedules a push notification. Times without a zone are UTC.',
  params: PARAMS,
  returns: RETURNS,
  async run(call) {
    const { schedule, where } = call.params
    const now = call.context.now()
    const plan = readPlan(schedule, where, now)
    const attempt = async () => {
      const draft = newDraft(objectId(now), call.caller.userId)
      draft.hidden.slot = await freeSlot(call)
      const operations = planned(call, draft, plan, now)
      const after = recordOf(call, schedules, draft)
      await write(call, [{ op: 'insert', record: after }, ...operations])
      return { ...after, version: 1 }
    }
    // In turn, since all would try for the same number; other servers may still come first.
    const turn = `${call.backend.id}:${schedules.name}`
    const record = await call.context.turns.run(turn, () => retryLoop(attempt))
    call.context.wakeJobs()
    return replyWith(call, schedules, [record])
  },
})

/** @throws {ApiError} `param_invalid` when there are as many as there may be */
async function freeSlot(call: Call): Promise<number> {
  const scope = { backendId: call.backend.id, type: schedules.name }
  const { records } = await call.context.store.find({ ...scope, limit: SCHEDULES_MAX })
  const taken = new Set(records.map(({ hidden }) => JSON.parse(hidden ?? '{}').slot))
  for (let slot = 0; slot < SCHEDULES_MAX; slot += 1) if (!taken.has(slot)) return slot
  throw new ApiError('param_invalid', `${SCHEDULES_MAX} push schedules limit exceeded`)
}

/** Puts the plan into the draft. @returns the job of its next time, if it has one */
function planned(call: Call, draft: Draft, plan: Plan, now: number): WriteOperation[] {
  const { id, data, hidden } = draft
  for (const name of Object.keys(data)) delete data[name]
  Object.assign(data, shownPlan(plan))
  hidden.plan = plan
  // A job of an earlier plan finds another number here, and ends.
  hidden.round = Number(hidden.round ?? 0) + 1
  const job = tickJob({ backendId: call.backend.id, id }, plan, Number(hidden.round), now)
  hidden.next = job?.runAt ?? null
  return job ? [{ op: 'enqueue', job }] : []
}

export const updateSchedule = defineMethod({
  name: 'updatePushSchedule',
  group: GROUP,
  verb: 'PUT',
  path: 'push_schedules/update',
  aliases: ['push_schedule/update'],
  auth: 'admin',
  summary: 'Changes what is named of a schedule. Its start stays.',
  params: { id: required(id()), ...PARAMS },
  returns: RETURNS,
  async run(call) {
    const { id: scheduleId, schedule, where } = call.params
    const now = call.context.now()
    const record = await retrying(call, schedules, scheduleId, async () => {
      const before = await load(call, schedules, scheduleId)
      const draft = draftOf(before)
      const plan = readPlan(schedule, where, now, planOf(before))
      const operations = planned(call, draft, plan, now)
      const after = recordOf(call, schedules, draft)
      await write(call, [
        { op: 'replace', record: after, ifVersion: before.version },
        ...operations,
      ])
      return { ...after, version: before.version + 1 }
    })
    call.context.wakeJobs()
    return replyWith(call, schedules, [record])
  },
})

export const querySchedules = defineMethod({
  name: 'queryPushSchedules',
  group: GROUP,
  verb: 'GET',
  path: 'push_schedules/query',
  aliases: ['push_schedule/query'],
  auth: 'admin',
  summary: 'Lists the schedules.',
  params: { name: text({ max: 255 }), ...EITHER_PAGING, ...VIEW_PARAMS },
  returns: RETURNS,
  async run(call) {
    const window = eitherWindow(call)
    const { name } = call.params
    const where: Condition | null = name ? { op: 'eq', field: 'name', value: keyOf(name) } : null
    const scope = {
      backendId: call.backend.id,
      type: schedules.name,
      ...(where ? { where } : {}),
    }
    const { store } = call.context
    const { records } = await store.find({ ...scope, limit: window.limit, offset: window.offset })
    const { count } = await store.count({ ...scope, upTo: REACH })
    const texts = await present(call, schedules, records)
    return { meta: windowMeta(call, window, count), items: { key: schedules.collection, texts } }
  },
})

export const deleteSchedules = defineMethod({
  name: 'deletePushSchedules',
  group: GROUP,
  verb: 'DELETE',
  path: 'push_schedules/delete',
  aliases: ['push_schedule/delete'],
  auth: 'admin',
  summary: 'Deletes schedules, all or none.',
  params: { ids: described(required(list()), 'Ids, comma-separated.') },
  returns: {},
  async run(call) {
    const ids = [...new Set(call.params.ids)]
    if (ids.length === 0) throw new ApiError('param_invalid', 'Required field: ids')
    await retryLoop(async () => {
      const { store } = call.context
      const valid = ids.filter(isObjectId)
      const records = await store.getMany(call.backend.id, schedules.name, valid)
      if (records.length < ids.length) {
        throw new ApiError('object_unknown', 'Invalid push_schedule id(s)')
      }
      const operations = records.map(({ backendId, type, id, version }) => ({
        ...{ op: 'delete' as const, address: { backendId, type, id }, ifVersion: version },
      }))
      await write(call, operations)
    })
    return {}
  },
})
