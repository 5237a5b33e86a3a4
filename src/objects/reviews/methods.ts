import { allowRead, allowWrite } from '../../engine/access.ts'
import { type Call, defineMethod } from '../../engine/definition.ts'
import { type Draft, draftOf, newDraft } from '../../engine/draft.ts'
import { actingUser, fill } from '../../engine/fill.ts'
import { SU_ID, writeParams } from '../../engine/method-params.ts'
import { deletion } from '../../engine/methods/delete.ts'
import { queryBy } from '../../engine/methods/query.ts'
import { described, flag, id, required } from '../../engine/params.ts'
import { QUERY_PARAMS, VIEW_PARAMS, whereOf } from '../../engine/query-params.ts'
import { find, replyWith, retryLoop, save, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { objectId } from '../../lib/ids.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition, StoredRecord } from '../../storage/port.ts'
import { countReview, ratingOf, targetOf, turnKey } from './counters.ts'
import { reviews } from './reviews.ts'
import { type FoundTarget, findTarget, loadTarget, namedTarget, TARGET_PARAMS } from './targets.ts'

const RETURNS = { key: 'reviews', schema: 'Review' }

/** A review of a review is made with `review_id`, and a user's with `user_id` in the oldest SDKs. */
const CREATE_ALIASES = { review_id: 'Review', user_id: 'User' }

export const createReview = defineMethod({
  name: 'createReview',
  group: 'Review',
  verb: 'POST',
  path: 'reviews/create',
  auth: 'user',
  summary:
    'Reviews an object. One review a user and object, unless allow_duplicate says otherwise.',
  params: {
    ...TARGET_PARAMS,
    review_id: id(),
    user_id: id(),
    allow_duplicate: described(flag(), 'A second review of the same object is welcome.'),
    ...writeParams(reviews),
  },
  returns: RETURNS,
  async run(call) {
    const ownerId = await actingUser(call)
    const named = namedTarget(call.params, CREATE_ALIASES)
    if (!named) throw new ApiError('param_invalid', 'Invalid review type')
    const first = await loadTarget(call, named)
    await allowRead(call, first.record)
    const reviewId = objectId(call.context.now())
    const record = await call.context.turns.run(turnKey(call, first), () =>
      retryLoop(() => create(call, ownerId, reviewId, named)),
    )
    return replyWith(call, reviews, [record])
  },
})

async function create(
  call: Call,
  ownerId: string,
  reviewId: string,
  named: { readonly title: string; readonly id: string },
): Promise<StoredRecord> {
  const target = await loadTarget(call, named)
  if (call.params.allow_duplicate !== true) await assertFirst(call, ownerId, target)
  const draft = newDraft(reviewId, ownerId)
  await fill(call, reviews, draft, 'create')
  assertSaysSomething(draft)
  draft.data.reviewed_object = { type: target.def.title, id: target.record.id }
  if (target.def.open) draft.hidden.class = target.def.collection
  const after = { rating: draft.data.rating as number | undefined }
  draft.operations.push(countReview(target, { before: null, after }))
  return save(call, reviews, draft)
}

function assertSaysSomething({ data: { content, rating } }: Draft): void {
  if (content !== undefined || rating !== undefined) return
  throw new ApiError('param_invalid', 'Required field: content or rating')
}

/** Holds against races too: the reviewed object's version, which the batch checks, has moved on. */
async function assertFirst(call: Call, ownerId: string, target: FoundTarget): Promise<void> {
  const { records } = await call.context.store.find({
    backendId: call.backend.id,
    type: reviews.name,
    where: {
      op: 'and',
      all: [
        { op: 'eq', field: 'reviewed_id', value: keyOf(target.record.id) },
        { op: 'eq', field: 'user_id', value: keyOf(ownerId) },
      ],
    },
    limit: 1,
  })
  if (records.length === 0) return
  const kind = target.def.title === 'CustomObject' ? 'custom object' : target.def.name
  const text = `User has submitted a review for this ${kind}, please update instead`
  throw new ApiError('param_invalid', text)
}

export const showReview = defineMethod({
  name: 'showReview',
  group: 'Review',
  verb: 'GET',
  path: 'reviews/show',
  auth: 'none',
  summary: 'Shows a review.',
  params: { review_id: required(id()), ...VIEW_PARAMS },
  returns: RETURNS,
  async run(call) {
    const record = await find(call, reviews, call.params.review_id)
    if (!record) throw new ApiError('object_unknown', 'Invalid review id(s)')
    await allowRead(call, record)
    return replyWith(call, reviews, [record])
  },
})

export const queryReviews = defineMethod({
  name: 'queryReviews',
  group: 'Review',
  verb: 'GET',
  path: 'reviews/query',
  auth: 'none',
  summary: 'Finds reviews of an object, or of an owner.',
  params: { ...TARGET_PARAMS, user_id: id(), owner_id: id(), ...QUERY_PARAMS },
  returns: RETURNS,
  async run(call) {
    const named = namedTarget(call.params, { user_id: 'User' })
    const { owner_id: ownerId } = call.params
    const asked = whereOf(call.params)
    if (!named && !ownerId && !asked) {
      throw new ApiError('param_invalid', 'Required field: what was reviewed, or owner_id')
    }
    const all: Condition[] = asked ? [asked] : []
    if (named) all.push({ op: 'eq', field: 'reviewed_id', value: keyOf(named.id) })
    if (named) all.push({ op: 'eq', field: 'reviewed_type', value: keyOf(named.title) })
    if (ownerId) all.push({ op: 'eq', field: 'user_id', value: keyOf(ownerId) })
    return queryBy(call, reviews, { op: 'and', all })
  },
})

export const updateReview = defineMethod({
  name: 'updateReview',
  group: 'Review',
  verb: 'PUT',
  path: 'reviews/update',
  auth: 'user',
  summary: 'Changes a review. What it is of must be named again.',
  params: {
    ...TARGET_PARAMS,
    user_id: id(),
    review_id: required(id()),
    ...writeParams(reviews),
  },
  returns: RETURNS,
  async run(call) {
    const actor = await actingUser(call)
    const named = namedTarget(call.params, { user_id: 'User' })
    if (!named) throw new ApiError('param_invalid', 'Invalid review type')
    const before = await find(call, reviews, call.params.review_id)
    if (!before) throw new ApiError('object_unknown', 'Invalid review id')
    const first = await findTarget(call, named)
    const key = first ? turnKey(call, first) : before.id
    const record = await call.context.turns.run(key, () =>
      retryLoop(() => update(call, actor, before.id)),
    )
    return replyWith(call, reviews, [record])
  },
})

async function update(call: Call, actor: string, reviewId: string): Promise<StoredRecord> {
  const before = await find(call, reviews, reviewId)
  if (!before) throw new ApiError('object_unknown', 'Invalid review id')
  await allowWrite(call, reviews, before, actor, 'update')
  const draft = draftOf(before)
  await fill(call, reviews, draft, 'update')
  assertSaysSomething(draft)
  const target = await targetOf(call.context, before)
  const ratings = {
    before: { rating: ratingOf(before) },
    after: { rating: draft.data.rating as number | undefined },
  }
  if (target && ratings.before.rating !== ratings.after.rating) {
    draft.operations.push(countReview(target, ratings))
  }
  return save(call, reviews, draft)
}

export const deleteReview = defineMethod({
  name: 'deleteReview',
  group: 'Review',
  verb: 'DELETE',
  path: 'reviews/delete',
  auth: 'user',
  summary: 'Deletes a review.',
  params: { ...TARGET_PARAMS, user_id: id(), review_id: required(id()), ...SU_ID },
  returns: {},
  async run(call) {
    const actor = await actingUser(call)
    await retryLoop(async () => {
      const record = await find(call, reviews, call.params.review_id)
      if (!record) throw new ApiError('object_unknown', 'Invalid review id')
      await allowWrite(call, reviews, record, actor, 'delete')
      await write(call, await deletion(call, reviews, record))
    })
    return {}
  },
})
