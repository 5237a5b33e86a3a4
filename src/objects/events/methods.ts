import { allowRead } from '../../engine/access.ts'
import { type Call, defineMethod, type ObjectDefinition } from '../../engine/definition.ts'
import { standardMethod } from '../../engine/methods/index.ts'
import { pageMeta, scopeOf } from '../../engine/methods/query.ts'
import { SEARCH_PARAMS, searchBy } from '../../engine/methods/search.ts'
import { date, described, id, required } from '../../engine/params.ts'
import { PAGE_PARAMS, pageWindow, REACH, VIEW_PARAMS } from '../../engine/query-params.ts'
import { load, replyWith } from '../../engine/steps.ts'
import { dateKey, keyOf } from '../../storage/keys.ts'
import type { Condition } from '../../storage/port.ts'
import { events } from './events.ts'
import { occurrences } from './occurrences.ts'

const EVENT_SEARCH_PARAMS = {
  ...SEARCH_PARAMS,
  place_id: described(id(), 'Only what takes place there.'),
  start_time: described(date(), 'Only what begins then or later.'),
}

type SearchValues = {
  readonly place_id?: string | undefined
  readonly start_time?: number | undefined
  readonly end_time?: number | undefined
}

function search(call: Call, def: ObjectDefinition) {
  const { place_id: placeId, start_time: from, end_time: to } = call.params as SearchValues
  const within: Condition[] = []
  if (placeId) within.push({ op: 'eq', field: 'place_id', value: keyOf(placeId) })
  if (from !== undefined) within.push({ op: 'gte', field: 'start_time', value: dateKey(from) })
  if (to !== undefined) within.push({ op: 'lte', field: 'end_time', value: dateKey(to) })
  return searchBy(call, def, within)
}

export const searchEvents = defineMethod({
  name: 'searchEvents',
  group: 'Event',
  verb: 'GET',
  path: 'events/search',
  auth: 'none',
  summary: 'Finds events by words, place, owner, nearness or time.',
  params: EVENT_SEARCH_PARAMS,
  returns: { key: 'events', schema: 'Event' },
  run: (call) => search(call, events),
})

const OCCURRENCES = { key: 'event_occurrences', schema: 'EventOccurrence' }

export const searchEventOccurrences = defineMethod({
  name: 'searchEventOccurrences',
  group: 'Event',
  verb: 'GET',
  path: 'events/search/occurrences',
  auth: 'none',
  summary: 'Finds the times of events in the same way.',
  params: {
    ...EVENT_SEARCH_PARAMS,
    end_time: described(date(), 'Only what has ended by then.'),
  },
  returns: OCCURRENCES,
  run: (call) => search(call, occurrences),
})

export const queryEventOccurrences = {
  ...standardMethod(occurrences, 'query', 'queryEventOccurrences'),
  group: 'Event',
  path: 'events/query/occurrences',
  summary: 'Finds the times of events by conditions.',
}

export const showEventOccurrences = defineMethod({
  name: 'showEventOccurrences',
  group: 'Event',
  verb: 'GET',
  path: 'events/show/occurrences',
  auth: 'none',
  summary: 'The times of an event, the first one first.',
  params: { event_id: required(id(), events.unnamed), ...PAGE_PARAMS, ...VIEW_PARAMS },
  returns: OCCURRENCES,
  async run(call) {
    const event = await load(call, events, call.params.event_id)
    await allowRead(call, event)
    const window = pageWindow(call.backend, call.params)
    const scope = scopeOf(call, occurrences, {
      op: 'eq',
      field: 'event_id',
      value: keyOf(event.id),
    })
    const { records } = await call.context.store.find({
      ...scope,
      orderBy: [{ field: 'start_time', direction: 'asc' }],
      limit: Math.max(0, Math.min(window.limit, REACH - window.offset)),
      offset: window.offset,
    })
    const { count } = await call.context.store.count(scope)
    return { ...(await replyWith(call, occurrences, records)), meta: pageMeta(window, count) }
  },
})
