import { USER_TYPE } from '../../engine/caller.ts'
import { type Call, defineMethod } from '../../engine/definition.ts'
import { actingUser } from '../../engine/fill.ts'
import { SU_ID } from '../../engine/method-params.ts'
import { assertIds, described, flag, list, required } from '../../engine/params.ts'
import { retryLoop, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { Changes, findRelation, goneUsers, isAccepted } from './relations.ts'

const USERS_MAX = 1000

export const addFriends = defineMethod({
  name: 'addFriends',
  group: 'FriendRequest',
  verb: 'POST',
  path: 'friends/add',
  auth: 'user',
  summary: 'Asks users for friendship, or to follow them; who had asked himself is accepted so.',
  params: {
    user_ids: userIds('Require parameter: user_ids'),
    approval_required: described(flag(), 'Default true. false: at once, without consent.'),
    ...SU_ID,
  },
  returns: {},
  async run(call) {
    const me = await actingUser(call)
    const others = namedUsers(call.params.user_ids)
    if (others.includes(me)) {
      throw new ApiError('param_invalid', 'A user cannot be a friend of himself.')
    }
    const asks = call.params.approval_required !== false
    await change(call, [me, ...others], async (changes) => {
      await assertUsers(call, others)
      for (const other of others) await add(call, changes, { me, other, asks })
    })
    return {}
  },
})

type Adding = { readonly me: string; readonly other: string; readonly asks: boolean }

async function add(call: Call, changes: Changes, { me, other, asks }: Adding): Promise<void> {
  const { friendsTwoWay } = call.backend.settings
  const mine = await findRelation(call, me, other)
  if (isAccepted(mine)) return
  const theirs = friendsTwoWay ? await findRelation(call, other, me) : null
  // Two who ask each other agree.
  if (asks && theirs === null) {
    if (mine === null) changes.ask(call, me, other)
    return
  }
  changes.accept(call, mine, me, other)
  if (friendsTwoWay) changes.accept(call, theirs, other, me)
}

export const approveFriends = defineMethod({
  name: 'approveFriends',
  group: 'FriendRequest',
  verb: 'PUT',
  path: 'friends/approve',
  auth: 'user',
  summary: 'Accepts the requests of users who ask the caller.',
  params: { user_ids: userIds('Friend approval requires one or more user ids'), ...SU_ID },
  returns: {},
  async run(call) {
    const me = await actingUser(call)
    const others = namedUsers(call.params.user_ids)
    await change(call, [me, ...others], async (changes) => {
      await assertUsers(call, others)
      for (const other of others) await approve(call, changes, me, other)
    })
    return {}
  },
})

async function approve(call: Call, changes: Changes, me: string, other: string): Promise<void> {
  const theirs = await findRelation(call, other, me)
  if (theirs === null) throw new ApiError('object_unknown', 'Invalid user id(s)')
  if (isAccepted(theirs)) return
  changes.accept(call, theirs, other, me)
  if (!call.backend.settings.friendsTwoWay) return
  changes.accept(call, await findRelation(call, me, other), me, other)
}

export const removeFriends = defineMethod({
  name: 'removeFriends',
  group: 'FriendRequest',
  verb: 'DELETE',
  path: 'friends/remove',
  auth: 'user',
  summary: 'Ends friendships, stops following, and withdraws or rejects requests.',
  params: { user_ids: userIds('Require parameter: user_ids'), ...SU_ID },
  returns: {},
  async run(call) {
    const me = await actingUser(call)
    const others = namedUsers(call.params.user_ids)
    await change(call, [me, ...others], async (changes) => {
      changes.ignore(await goneUsers(call.context, call.backend.id, others))
      for (const other of others) {
        const mine = await findRelation(call, me, other)
        const theirs = await findRelation(call, other, me)
        if (mine) changes.end(mine)
        // Whoever follows the caller goes on with it; what only asks is turned down.
        if (theirs && (call.backend.settings.friendsTwoWay || !isAccepted(theirs))) {
          changes.end(theirs)
        }
      }
    })
    return {}
  },
})

function userIds(missing: string) {
  return described(required(list(), missing), 'Ids, comma-separated.')
}

/** @throws {ApiError} `param_invalid` for what cannot be ids, or too many */
function namedUsers(ids: readonly string[]): string[] {
  const unique = [...new Set(ids)]
  assertIds(unique, 'Invalid user id(s)')
  if (unique.length > USERS_MAX) {
    throw new ApiError('param_invalid', `At most ${USERS_MAX} users can be named at once.`)
  }
  return unique
}

async function assertUsers(call: Call, ids: readonly string[]): Promise<void> {
  const gone = await goneUsers(call.context, call.backend.id, ids)
  if (gone.length > 0) throw new ApiError('object_unknown', 'Invalid user id(s)')
}

/**
 * Collects what is to change and writes it, all from anew when another server was faster. Writers
 * of this process take turns at each of the users, whose counters they share.
 */
async function change(
  call: Call,
  users: readonly string[],
  collect: (changes: Changes) => Promise<void>,
): Promise<void> {
  await inTurns(call, [...new Set(users)].sort(), () =>
    retryLoop(async () => {
      const changes = new Changes()
      await collect(changes)
      const operations = changes.operations(call.backend.id)
      if (operations.length > 0) await write(call, operations)
    }),
  )
}

/** In one order for everyone, so that nobody waits for somebody who waits for him. */
function inTurns(
  call: Call,
  userIds: readonly string[],
  work: () => Promise<void>,
  at = 0,
): Promise<void> {
  const userId = userIds[at]
  if (userId === undefined) return work()
  const key = `${call.backend.id}:${USER_TYPE}:${userId}`
  return call.context.turns.run(key, () => inTurns(call, userIds, work, at + 1))
}
