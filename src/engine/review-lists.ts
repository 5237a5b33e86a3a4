import { keyOf } from '../storage/keys.ts'
import type { StoredRecord } from '../storage/port.ts'
import type { Call, ObjectDefinition } from './definition.ts'

/** The record type of reviews. */
export const REVIEW_TYPE = 'review'

/** An object shows so many of its reviews; `reviews/query` finds the others. */
export const REVIEWS_SHOWN_MAX = 20

/** The newest reviews of an object that the caller may read. */
export async function reviewsOf(
  { context, backend, caller }: Call,
  def: ObjectDefinition,
  id: string,
): Promise<readonly StoredRecord[]> {
  const { records } = await context.store.find({
    backendId: backend.id,
    type: REVIEW_TYPE,
    where: {
      op: 'and',
      all: [
        { op: 'eq', field: 'reviewed_id', value: keyOf(id) },
        { op: 'eq', field: 'reviewed_type', value: keyOf(def.title) },
      ],
    },
    ...(caller.admin ? {} : { visibleTo: caller.userId }),
    limit: REVIEWS_SHOWN_MAX,
  })
  return records
}
