import { USER_TYPE } from '../../engine/caller.ts'
import type { EngineContext } from '../../engine/context.ts'
import { type Call, defineObject } from '../../engine/definition.ts'
import { draftOf, newDraft } from '../../engine/draft.ts'
import { recordOf } from '../../engine/steps.ts'
import { objectId } from '../../lib/ids.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'

type State = 'requested' | 'accepted'

/**
 * One user's asking for, or following of, another. Friends are two who follow each other. While it
 * waits for the other's approval it is what clients see as a friend request.
 */
export const relations = defineObject({
  name: 'friend_request',
  title: 'FriendRequest',
  collection: 'friend_requests',
  idParam: 'friend_request_id',
  description: "A user's wish to be another's friend, or to follow him.",
  methods: {},
  fields: {},
  references: { to_user: { type: USER_TYPE, invalid: 'Invalid user id(s)', readOnly: true } },
  hiddenKeys: ({ hidden }) => ({ state: hidden.state }),
  seenOnlyBy: (record) => [record.ownerId ?? '', askedUser(record)],
  claims: ({ ownerId, data }) => [
    { ...claimOf(ownerId ?? '', String(data.to_user_id)), taken: 'Try again.' },
  ],
})

function claimOf(from: string, to: string): { scope: string; value: string } {
  return { scope: 'friend', value: `${from}:${to}` }
}

export function askedUser(record: StoredRecord): string {
  return (JSON.parse(record.data) as { to_user_id: string }).to_user_id
}

function stateOf(record: StoredRecord): State {
  return (JSON.parse(record.hidden ?? '{}') as { state: State }).state
}

export function findRelation(call: Call, from: string, to: string): Promise<StoredRecord | null> {
  return call.context.store.getByClaim(call.backend.id, claimOf(from, to))
}

export function isAccepted(record: StoredRecord | null): boolean {
  return record !== null && stateOf(record) === 'accepted'
}

type Count = 'friend_requests_count' | 'following_count' | 'followers_count'

/** What one call changes between users: one batch, in which each user's counters come once. */
export class Changes {
  readonly #operations: WriteOperation[] = []
  readonly #counts = new Map<string, Map<Count, number>>()
  readonly #ignored = new Set<string>()

  /** Users who are gone have no counters any more. */
  ignore(userIds: readonly string[]): void {
    for (const id of userIds) this.#ignored.add(id)
  }

  operations(backendId: string): WriteOperation[] {
    // In the order of the ids, so that two calls about the same users do not wait for each other.
    const users = [...this.#counts]
      .filter(([id]) => !this.#ignored.has(id))
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const increments = users.map(([id, counts]): WriteOperation => {
      const add = [...counts].map(([path, by]) => ({ path, key: `friend_counts.${path}`, by }))
      return { op: 'increment', address: { backendId, type: USER_TYPE, id }, add }
    })
    return [...this.#operations, ...increments]
  }

  ask(call: Call, from: string, to: string): void {
    this.#operations.push({ op: 'insert', record: newRelation(call, from, to, 'requested') })
    this.#operations.push({
      op: 'check',
      address: { backendId: call.backend.id, type: USER_TYPE, id: from },
      is: 'present',
    })
    this.#count(to, 'friend_requests_count', 1)
  }

  /** @param present what there is of it: nothing, a request, or all */
  accept(call: Call, present: StoredRecord | null, from: string, to: string): void {
    if (present && isAccepted(present)) return
    if (present) {
      const draft = draftOf(present)
      draft.hidden.state = 'accepted'
      const record = recordOf(call, relations, draft)
      this.#operations.push({ op: 'replace', record, ifVersion: present.version })
      this.#count(to, 'friend_requests_count', -1)
    } else {
      this.#operations.push({ op: 'insert', record: newRelation(call, from, to, 'accepted') })
    }
    this.#countFollower(from, to, 1)
  }

  end(record: StoredRecord): void {
    const { backendId, type, id, version } = record
    this.#operations.push({ op: 'delete', address: { backendId, type, id }, ifVersion: version })
    const to = askedUser(record)
    if (isAccepted(record)) this.#countFollower(record.ownerId ?? '', to, -1)
    else this.#count(to, 'friend_requests_count', -1)
  }

  /** All users whose counters change. */
  userIds(): string[] {
    return [...this.#counts.keys()]
  }

  #countFollower(from: string, to: string, by: number): void {
    this.#count(from, 'following_count', by)
    this.#count(to, 'followers_count', by)
  }

  #count(userId: string, name: Count, by: number): void {
    const counts = this.#counts.get(userId) ?? new Map<Count, number>()
    counts.set(name, (counts.get(name) ?? 0) + by)
    this.#counts.set(userId, counts)
  }
}

function newRelation(call: Call, from: string, to: string, state: State) {
  const draft = newDraft(objectId(call.context.now()), from)
  draft.data.to_user_id = to
  draft.hidden.state = state
  return recordOf(call, relations, draft)
}

/** Those of the ids that no user has. */
export async function goneUsers(
  { store }: EngineContext,
  backendId: string,
  ids: readonly string[],
): Promise<string[]> {
  const present = await store.getMany(backendId, USER_TYPE, ids)
  const known = new Set(present.map(({ id }) => id))
  return ids.filter((id) => !known.has(id))
}
