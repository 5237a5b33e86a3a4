import { type Call, defineMethod, type Reply } from '../../engine/definition.ts'
import { described, hash, required } from '../../engine/params.ts'
import {
  orderOf,
  QUERY_PARAMS,
  type QueryValues,
  REACH,
  whereOf,
} from '../../engine/query-params.ts'
import { select, selectionOf } from '../../engine/select.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { DETAIL_TYPE, LOG_TYPE } from './notification.ts'
import { eitherWindow, windowMeta } from './query.ts'

const GROUP = 'Log'

const MORE = { more: { type: 'boolean', description: 'There are more than were shown.' } } as const

export const queryPushLogs = defineMethod({
  name: 'queryPushLogs',
  group: GROUP,
  verb: 'GET',
  path: 'logs/querypushlogs',
  auth: 'admin',
  summary: 'Finds the push notifications of the last three months, newest first.',
  params: QUERY_PARAMS,
  returns: { key: 'push_logs', schema: 'PushLog', meta: MORE },
  run: (call) => logged(call, LOG_TYPE, 'push_logs'),
})

export const queryPushLogDetails = defineMethod({
  name: 'queryPushLogDetails',
  group: GROUP,
  verb: 'GET',
  path: 'logs/querypushlogdetails',
  auth: 'admin',
  summary: 'Tells what became of a push notification, slice by slice of its devices.',
  params: {
    ...QUERY_PARAMS,
    where: described(required(hash()), '{"push_id": "<the `_id` of a log>"}'),
  },
  returns: { key: 'push_log_details', schema: 'PushLogDetail', meta: MORE },
  run: (call) => logged(call, DETAIL_TYPE, 'push_log_details'),
})

async function logged(call: Call<QueryValues>, type: string, key: string): Promise<Reply> {
  const { params, context, backend } = call
  const window = eitherWindow(call as unknown as Call)
  const where = whereOf(params)
  const orderBy = orderOf(params.order)
  const selection = selectionOf(params.sel, params.unsel)
  const scope = { backendId: backend.id, type, ...(where ? { where } : {}) }
  const { records } = await context.store.find({
    ...scope,
    ...(orderBy ? { orderBy } : {}),
    limit: window.limit + 1,
    offset: window.offset,
  })
  const counts = params.count === true || window.page !== null
  const total = counts ? (await context.store.count({ ...scope, upTo: REACH })).count : 0
  const texts = records
    .slice(0, window.limit)
    .map((record) => JSON.stringify(select(shown(record), selection)))
  const more = records.length > window.limit
  return {
    meta: { more, ...windowMeta(call as unknown as Call, window, total) },
    items: { key, texts },
  }
}

/** Unlike other objects: `_id`, nulls, and dates with milliseconds. */
function shown({ id, data, createdAt, updatedAt }: StoredRecord): Record<string, unknown> {
  return {
    _id: id,
    ...(JSON.parse(data) as object),
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
  }
}
