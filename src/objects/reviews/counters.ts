import { CUSTOM_PREFIX } from '../../engine/catalogue.ts'
import type { EngineContext } from '../../engine/context.ts'
import type { Call } from '../../engine/definition.ts'
import { draftOf } from '../../engine/draft.ts'
import { indexKeys } from '../../engine/index-keys.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import type { FoundTarget } from './targets.ts'

type Rating = number | undefined

/** One review more, less or otherwise. `undefined` for a review without a rating. */
export type ReviewChange = {
  readonly before: { readonly rating: Rating } | null
  readonly after: { readonly rating: Rating } | null
}

/**
 * The operation that brings the counters of a reviewed object up to date. Only reviews with a
 * rating count for the average and the summary. The object keeps its `updated_at`.
 */
export function countReview(target: FoundTarget, { before, after }: ReviewChange): WriteOperation {
  const draft = draftOf(target.record)
  const { data } = draft
  const summary = { ...(data.ratings_summary as Record<string, number> | undefined) }
  if (before?.rating !== undefined) add(summary, before.rating, -1)
  if (after?.rating !== undefined) add(summary, after.rating, 1)
  const counts = Object.entries(summary)
  const ratings = counts.reduce((sum, [, count]) => sum + count, 0)
  const total = counts.reduce((sum, [rating, count]) => sum + Number(rating) * count, 0)

  data.reviews_count = Number(data.reviews_count ?? 0) + (after ? 1 : 0) - (before ? 1 : 0)
  data.ratings_count = ratings
  data.ratings_average = ratings === 0 ? 0 : total / ratings
  data.ratings_summary = summary
  const record = {
    ...target.record,
    data: JSON.stringify(data),
    keys: indexKeys(target.def, draft, target.record.updatedAt),
  }
  return { op: 'replace', record, ifVersion: target.record.version }
}

function add(summary: Record<string, number>, rating: number, by: number): void {
  const count = (summary[rating] ?? 0) + by
  if (count > 0) summary[rating] = count
  else delete summary[rating]
}

type Reviewed = { readonly type: string; readonly id: string; readonly class?: string }

/** What a review was of, as its record tells; the class of a custom object is kept out of sight. */
export function reviewedOf(record: StoredRecord): Reviewed {
  const data = JSON.parse(record.data) as { reviewed_object: Reviewed }
  const hidden = JSON.parse(record.hidden ?? '{}') as { class?: string }
  return hidden.class ? { ...data.reviewed_object, class: hidden.class } : data.reviewed_object
}

export function ratingOf(record: StoredRecord): Rating {
  return (JSON.parse(record.data) as { rating?: number }).rating
}

/** The reviewed object of a stored review; `null` when it is gone. */
export async function targetOf(
  context: EngineContext,
  record: StoredRecord,
): Promise<FoundTarget | null> {
  const reviewed = reviewedOf(record)
  const { catalogue, store } = context
  const def = reviewed.class
    ? catalogue.byType(CUSTOM_PREFIX + reviewed.class)
    : catalogue.byTitle(reviewed.type)
  if (!def) return null
  const { backendId } = record
  const found = await store.get({ backendId, type: def.name, id: reviewed.id })
  return found && { def, record: found }
}

export async function reviewDeletion(
  context: EngineContext,
  record: StoredRecord,
): Promise<WriteOperation[]> {
  const target = await targetOf(context, record)
  if (!target) return []
  return [countReview(target, { before: { rating: ratingOf(record) }, after: null })]
}

/** The key under which writers of one object's counters take turns. */
export function turnKey(call: Call, target: FoundTarget): string {
  return `${call.backend.id}:${target.def.name}:${target.record.id}`
}
