import { ApiError } from '../../errors.ts'
import { isObjectId } from '../../lib/ids.ts'
import type { PlatformContext } from '../context.ts'
import type { Visit } from '../door/enter.ts'
import { collectionNamed, rightsIn } from './collections.ts'
import type { Space } from './object.ts'

export type Entry = {
  readonly visit: Visit
  /** The collection's name. */
  readonly name: string
  readonly verb: 'read' | 'write'
  /** The parameter `user`; `null` when it is not given. */
  readonly of: string | null
}

/** The parts of all users; only lists can be about them. */
export const ALL_USERS = '*'

/**
 * The part of a collection that a call is about, if the caller may do there what they want.
 *
 * @throws {ApiError} `collection_unknown`, `user_required`, `collection_denied`, `param_invalid`
 */
export async function enterSpace(context: PlatformContext, entry: Entry): Promise<Space> {
  const { visit, name, verb, of } = entry
  const collection = await collectionNamed(context, visit.backend, name)
  const reach = (await rightsIn(context, visit, collection))[verb]
  if (!visit.user && (collection.userIsolated || !reach)) throw new ApiError('user_required')
  if (!reach) throw new ApiError('collection_denied')
  if (!collection.userIsolated || !visit.user) {
    refuseUser(of)
    return { collection, userId: null }
  }
  const userId = of ?? visit.user.id
  if (userId !== ALL_USERS && !isObjectId(userId)) {
    throw new ApiError('param_invalid', "'user' must be the id of a user, not a name.")
  }
  if (userId !== visit.user.id && reach !== 'all') throw new ApiError('collection_denied')
  return { collection, userId }
}

/** As {@link enterSpace}, for what is done to one object: that is in one place. */
export async function enterOneSpace(context: PlatformContext, entry: Entry): Promise<Space> {
  const space = await enterSpace(context, entry)
  if (space.userId !== ALL_USERS) return space
  throw new ApiError('param_invalid', "Only lists take '*' as the 'user'.")
}

/** A filter that means nothing is never passed over. */
function refuseUser(of: string | null): void {
  if (of === null) return
  const text = "'user' is for user-isolated collections; this one is shared by all."
  throw new ApiError('param_invalid', text)
}
