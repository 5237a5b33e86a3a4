import { defineMethod, defineObject } from '../engine/definition.ts'
import { queryBy } from '../engine/methods/query.ts'
import { described, id, text } from '../engine/params.ts'
import { QUERY_PARAMS, whereOf } from '../engine/query-params.ts'
import { ApiError } from '../errors.ts'
import { keyOf } from '../storage/keys.ts'
import type { Condition } from '../storage/port.ts'
import { photoAttachment } from './photos/attachment.ts'

/** What a user is up to, perhaps at a place or an event. */
export const statuses = defineObject({
  name: 'status',
  title: 'Status',
  collection: 'statuses',
  idParam: 'status_id',
  unnamed: 'Invalid status id',
  description: 'What a user is up to, perhaps at a place or an event.',
  methods: {
    create: 'createStatus',
    show: 'showStatus',
    update: 'updateStatus',
    delete: 'deleteStatus',
    count: 'statusesCount',
    batchDelete: 'batchDelete',
  },
  fields: { message: text({ max: 10_000 }) },
  references: {
    place: { type: 'place', invalid: 'Invalid place id' },
    event: { type: 'event', invalid: 'Invalid event id' },
  },
  customFields: true,
  tags: true,
  acl: true,
  attachments: [photoAttachment],
  counters: true,
  words: ['message'],
  checkWrite({ params }, { data }) {
    if (String(data.message ?? '').trim() === '') {
      throw new ApiError('param_invalid', 'Status message is required')
    }
    if (params.place_id && params.event_id) return ['Place and event id exclude each other']
    // One that is named on update takes the other's place.
    if (params.place_id) delete data.event_id
    if (params.event_id) delete data.place_id
    return []
  },
})

export const queryStatuses = defineMethod({
  name: 'queryStatuses',
  group: 'Status',
  verb: 'GET',
  path: 'statuses/query',
  // Older clients list the statuses of a user so; it was never more than a query.
  aliases: ['statuses/search'],
  auth: 'none',
  summary: 'Finds statuses by conditions.',
  params: { user_id: described(id(), 'Only those of this user.'), ...QUERY_PARAMS },
  returns: { key: 'statuses', schema: 'Status' },
  async run(call) {
    const { user_id: userId } = call.params
    const asked = whereOf(call.params)
    if (!userId) return queryBy(call, statuses, asked)
    const own: Condition = { op: 'eq', field: 'user_id', value: keyOf(userId) }
    return queryBy(call, statuses, asked ? { op: 'and', all: [own, asked] } : own)
  },
})
