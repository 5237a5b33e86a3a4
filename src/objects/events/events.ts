import { type Call, defineObject } from '../../engine/definition.ts'
import type { Draft } from '../../engine/draft.ts'
import { date, dateText, integer, type Param, required, text } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'
import { parseDate } from '../../lib/dates.ts'
import { photoAttachment } from '../photos/attachment.ts'
import { occurrenceChanges, occurrenceDeletion } from './occurrences.ts'
import { isUnchanged, placeOf, setPosition } from './position.ts'
import { icalOf, isPossible, OCCURRENCES_MAX, RECURRING, type Schedule } from './schedule.ts'

/** Five years, in seconds. */
const DURATION_MAX_S = 5 * 366 * 86_400

/** Something that takes place at a time, once or again and again. */
export const events = defineObject({
  name: 'event',
  title: 'Event',
  collection: 'events',
  idParam: 'event_id',
  idsParam: 'event_ids',
  unnamed: 'Invalid event id',
  description: 'Something that takes place at a time, once or again and again.',
  methods: {
    create: 'createEvent',
    show: 'showEvents',
    query: 'queryEvents',
    update: 'updateEvent',
    delete: 'deleteEvent',
    count: 'eventsCount',
    batchDelete: 'batchDelete',
  },
  fields: {
    name: required(text({ max: 500 })),
    details: text({ max: 65_000 }),
    start_time: required(calendarDate()),
    duration: integer({ min: 0, max: DURATION_MAX_S, unit: 'seconds' }),
    recurring: text({
      max: 20,
      pattern: new RegExp(`^(${RECURRING.join('|')})$`),
      expected: RECURRING.join(', '),
    }),
    recurring_count: integer({ min: 1, max: 1_000_000 }),
    recurring_until: calendarDate(),
  },
  computed: {
    num_occurrences: { type: 'integer', description: `At most ${OCCURRENCES_MAX} are made.` },
    ical: { type: 'string', description: 'The schedule, in lines of iCalendar.' },
  },
  references: { place: { type: 'place', invalid: 'Invalid place id' } },
  customFields: true,
  tags: true,
  acl: true,
  attachments: [photoAttachment],
  counters: true,
  words: ['name'],
  // The name by which it is found has one r less (seen in the original's reference).
  hiddenKeys: ({ data }) => ({ num_occurences: data.num_occurrences }),
  searchRetired: true,
  alsoDeletes: occurrenceDeletion,
  async checkWrite(call, draft) {
    if (draft.data.start_time === undefined) return []
    oneEndReplacesOther(call, draft)
    const schedule = scheduleOf(draft.data)
    const problems = problemsOf(schedule)
    if (problems.length > 0) return problems
    const place = await placeOf(call.context, call.backend.id, draft)
    setPosition(draft, place)
    // One that moves before this is written would not find this event to take it along.
    if (place) draft.operations.push(isUnchanged(place))
    const { operations, count } = await occurrenceChanges(call, draft, schedule)
    draft.operations.push(...operations)
    draft.data.num_occurrences = count
    draft.data.ical = icalOf({ ...schedule, count: schedule.count === null ? null : count })
    return []
  },
})

/** A date as an event keeps it; the text of the refusal is the original's, misprint included. */
function calendarDate(): Param<string | undefined> {
  const { schema } = date()
  return {
    schema,
    required: false,
    read(raw, name) {
      try {
        return dateText().read(raw, name)
      } catch (cause) {
        throw invalidDate(cause)
      }
    },
  }
}

function invalidDate(cause?: unknown): ApiError {
  return new ApiError('param_invalid', 'Invalid calender schedule  invalid date', { cause })
}

/** Sent alone, a number of times takes the place of a last day, and the other way round. */
function oneEndReplacesOther({ params }: Call, { data }: Draft): void {
  const { recurring_count: count, recurring_until: until } = params
  if (count !== undefined && until === undefined) delete data.recurring_until
  if (until !== undefined && until !== '' && count === undefined) delete data.recurring_count
}

function scheduleOf(data: Draft['data']): Schedule {
  const { start_time, duration, recurring, recurring_count, recurring_until } = data
  return {
    start: parseDate(String(start_time)) ?? Number.NaN,
    durationS: (duration as number | undefined) ?? 0,
    recurring: (recurring as Schedule['recurring'] | undefined) ?? null,
    count: (recurring_count as number | undefined) ?? null,
    until: recurring_until === undefined ? null : parseDate(String(recurring_until)),
  }
}

/** @throws {ApiError} for a day that no calendar has */
function problemsOf(schedule: Schedule): string[] {
  if (!isPossible(schedule)) throw invalidDate()
  const { recurring, count, until, start } = schedule
  if (recurring === null) return []
  if (count === null && until === null) return ['Recurring count or recurring until is required']
  return until !== null && until < start ? ['Recurring until is before start time'] : []
}
