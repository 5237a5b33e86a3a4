import { allowRead } from '../../engine/access.ts'
import { type Call, defineMethod } from '../../engine/definition.ts'
import { newDraft } from '../../engine/draft.ts'
import { actingUser } from '../../engine/fill.ts'
import { SU_ID } from '../../engine/method-params.ts'
import { queryBy } from '../../engine/methods/query.ts'
import { described, id } from '../../engine/params.ts'
import { viewOptions } from '../../engine/present.ts'
import { QUERY_PARAMS, VIEW_PARAMS, whereOf } from '../../engine/query-params.ts'
import { replyWith, retryLoop, save, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { objectId } from '../../lib/ids.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition, WriteOperation } from '../../storage/port.ts'
import { turnKey } from '../reviews/counters.ts'
import {
  type FoundTarget,
  loadTarget,
  namedTarget,
  TARGET_PARAMS,
  type Target,
} from '../reviews/targets.ts'
import { queriedUser } from '../users/queried.ts'
import { likeClaim, likes } from './likes.ts'

const PARAMS = { ...TARGET_PARAMS, review_id: id(), user_id: id() }

/** Users and reviews are targets under these names here; on query `user_id` is who likes. */
const ALIASES = { review_id: 'Review', user_id: 'User' }

function target(call: Call): Target {
  const named = namedTarget(call.params, ALIASES)
  if (!named) throw new ApiError('param_invalid', 'Invalid like type')
  return named
}

/** The counter is added to and not set, so that nobody's like is lost. `updated_at` stays. */
function count({ record }: FoundTarget, by: 1 | -1): WriteOperation {
  const { backendId, type, id: targetId } = record
  const add = [{ path: 'likes_count', key: 'likes_count', by }]
  return { op: 'increment', address: { backendId, type, id: targetId }, add }
}

export const createLike = defineMethod({
  name: 'createLike',
  group: 'Like',
  verb: 'POST',
  path: 'likes/create',
  auth: 'user',
  summary: 'Likes an object. Once for each user and object.',
  params: { ...PARAMS, ...SU_ID, ...VIEW_PARAMS },
  returns: { key: 'likes', schema: 'Like' },
  async run(call) {
    const ownerId = await actingUser(call)
    const named = target(call)
    viewOptions(call)
    const first = await loadTarget(call, named)
    await allowRead(call, first.record)
    const likeId = objectId(call.context.now())
    const like = () =>
      retryLoop(async () => {
        const found = await loadTarget(call, named)
        const draft = newDraft(likeId, ownerId)
        draft.data.likeable_id = named.id
        draft.data.likeable_type = found.def.title
        draft.operations.push(count(found, 1))
        return save(call, likes, draft)
      })
    const record = await call.context.turns.run(turnKey(call, first), like)
    return replyWith(call, likes, [record])
  },
})

export const deleteLike = defineMethod({
  name: 'deleteLike',
  group: 'Like',
  verb: 'DELETE',
  path: 'likes/delete',
  auth: 'user',
  summary: 'Takes a like of the caller back.',
  params: { ...PARAMS, ...SU_ID },
  returns: {},
  async run(call) {
    const ownerId = await actingUser(call)
    const named = target(call)
    const first = await loadTarget(call, named)
    const unlike = () =>
      retryLoop(async () => {
        const found = await loadTarget(call, named)
        const claim = likeClaim(ownerId, named)
        const like = await call.context.store.getByClaim(call.backend.id, claim)
        if (!like) {
          const text = `Invalid ${named.title} id or current user hasn't liked it`
          throw new ApiError('object_unknown', text)
        }
        const { backendId, type, id: likeId } = like
        const address = { backendId, type, id: likeId }
        await write(call, [{ op: 'delete', address }, count(found, -1)])
      })
    await call.context.turns.run(turnKey(call, first), unlike)
    return {}
  },
})

export const queryLikes = defineMethod({
  name: 'queryLikes',
  group: 'Like',
  verb: 'GET',
  path: 'likes/query',
  auth: 'user',
  summary: "Finds the caller's likes; administrators find everyone's.",
  params: {
    ...PARAMS,
    user_id: described(id(), 'For administrators: whose likes.'),
    ...SU_ID,
    ...QUERY_PARAMS,
  },
  returns: { key: 'likes', schema: 'Like' },
  async run(call) {
    const named = namedTarget(call.params, { review_id: 'Review' })
    const userId = queriedUser(call)
    const asked = whereOf(call.params)
    const all: Condition[] = asked ? [asked] : []
    if (named) all.push({ op: 'eq', field: 'likeable_id', value: keyOf(named.id) })
    if (named) all.push({ op: 'eq', field: 'likeable_type', value: keyOf(named.title) })
    if (userId !== null) all.push({ op: 'eq', field: 'user_id', value: keyOf(userId) })
    return queryBy(call, likes, { op: 'and', all })
  },
})
