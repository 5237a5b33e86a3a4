import type { EngineContext } from '../../engine/context.ts'
import { type Call, defineObject, type ObjectDefinition } from '../../engine/definition.ts'
import { type Draft, draftOf, newDraft } from '../../engine/draft.ts'
import { indexKeys } from '../../engine/index-keys.ts'
import { recordOf } from '../../engine/steps.ts'
import { formatDate } from '../../lib/dates.ts'
import { objectId } from '../../lib/ids.ts'
import { keyOf } from '../../storage/keys.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { OCCURRENCES_MAX, occurrencesOf, type Schedule } from './schedule.ts'

/**
 * One time at which an event takes place. It carries what it is found by of its event, so that
 * finding it asks for nothing else, and it is guarded by the same ACL.
 */
export const occurrences = defineObject({
  name: 'event_occurrence',
  title: 'EventOccurrence',
  collection: 'event_occurrences',
  idParam: 'event_occurrence_id',
  description: 'One time at which an event takes place.',
  methods: {},
  fields: {},
  computed: { start_time: { type: 'string' }, end_time: { type: 'string' } },
  references: { event: { type: 'event', invalid: 'Invalid event id', readOnly: true } },
  acl: true,
  words: ['name', 'tags'],
  hiddenKeys: ({ hidden }) => ({ name: hidden.name, place_id: hidden.place_id }),
  searchRetired: true,
  ownerless: true,
})

type Content = { readonly data: Draft['data']; readonly hidden: Draft['hidden'] }

/**
 * The operations that make an event's occurrences those of its schedule. What stays the same is
 * not written again, and what changes keeps its id.
 */
export async function occurrenceChanges(
  call: Call,
  event: Draft,
  schedule: Schedule,
): Promise<{ operations: WriteOperation[]; count: number }> {
  const starts = await occurrencesOf(schedule)
  const present = event.before ? await storedOccurrences(call.context, event.before) : []
  const operations = starts.flatMap((start, i) =>
    change(call, event, present[i], contentOf(event, schedule, start)),
  )
  const surplus = present.slice(starts.length).map(deleteOperation)
  return { operations: [...operations, ...surplus], count: starts.length }
}

function contentOf(event: Draft, { durationS }: Schedule, start: number): Content {
  return {
    data: {
      start_time: formatDate(start),
      end_time: formatDate(start + durationS * 1000),
      event_id: event.id,
    },
    hidden: foundBy(event),
  }
}

function foundBy(event: Draft): Draft['hidden'] {
  const { name, place_id: placeId, tags } = event.data
  const { longitude, latitude } = event.hidden
  const own = { name, place_id: placeId, longitude, latitude }
  const words = Array.isArray(tags) ? { tags: tags.join(' ') } : {}
  return { ...JSON.parse(JSON.stringify(own)), ...words }
}

function change(
  call: Call,
  event: Draft,
  present: StoredRecord | undefined,
  { data, hidden }: Content,
): WriteOperation[] {
  const draft = present
    ? { ...draftOf(present), data, hidden }
    : { ...newDraft(objectId(call.context.now()), null), data, hidden }
  draft.ownerId = event.ownerId
  draft.aclId = event.aclId
  const record = recordOf(call, occurrences, draft)
  if (!present) return [{ op: 'insert', record }]
  const isSame =
    record.data === present.data &&
    record.hidden === present.hidden &&
    record.aclId === present.aclId &&
    record.ownerId === present.ownerId
  return isSame ? [] : [{ op: 'replace', record, ifVersion: present.version }]
}

/** Those of a stored event, in the order of time. */
async function storedOccurrences(
  { store }: EngineContext,
  { backendId, id }: StoredRecord,
): Promise<readonly StoredRecord[]> {
  const { records } = await store.find({
    backendId,
    type: occurrences.name,
    where: { op: 'eq', field: 'event_id', value: keyOf(id) },
    orderBy: [{ field: 'start_time', direction: 'asc' }],
    limit: OCCURRENCES_MAX,
  })
  return records
}

/** The operations that let an event's occurrences be found where the event is found now. */
export async function occurrenceMoves(
  context: EngineContext,
  event: Draft,
): Promise<WriteOperation[]> {
  const records = event.before ? await storedOccurrences(context, event.before) : []
  const hidden = foundBy(event)
  return records.map((before) => move(occurrences, { ...draftOf(before), hidden, before }))
}

/** Writes what one is found by again; to those who see it nothing has changed. */
export function move(
  def: ObjectDefinition,
  draft: Draft & { readonly before: StoredRecord },
): WriteOperation {
  const { before } = draft
  const keys = indexKeys(def, draft, before.updatedAt)
  const record = { ...before, hidden: JSON.stringify(draft.hidden), keys }
  return { op: 'replace', record, ifVersion: before.version }
}

/** What goes with a deleted event. */
export async function occurrenceDeletion(
  context: EngineContext,
  event: StoredRecord,
): Promise<WriteOperation[]> {
  const records = await storedOccurrences(context, event)
  return records.map(deleteOperation)
}

function deleteOperation({ backendId, type, id }: StoredRecord): WriteOperation {
  return { op: 'delete', address: { backendId, type, id } }
}
