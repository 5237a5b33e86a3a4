import { type Backend, INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import type { Asset } from '../../tools/assets/asset.ts'
import {
  COLLECTION_TYPE,
  COLLECTIONS,
  type CollectionMembers,
} from '../../tools/collections/collection.ts'
import { type Access, ANY_USER } from '../../tools/collections/permissions.ts'
import { valueFor } from '../../tools/policies/policy.ts'
import type { PlatformContext } from '../context.ts'
import type { Visit, VisitUser } from '../door/enter.ts'

export type Collection = Asset & CollectionMembers

/** The collections that a backend's apps reach, by name. */
export async function collectionsOf(
  { cache }: PlatformContext,
  { collectionIds }: Backend,
): Promise<Collection[]> {
  const found = await Promise.all(
    collectionIds.map((id) =>
      cache.get({ backendId: INSTANCE, type: COLLECTION_TYPE, id }, COLLECTIONS.read),
    ),
  )
  return found
    .filter((one) => one !== null)
    .filter(({ inTrash }) => !inTrash)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** At run time a collection goes by its name. @throws {ApiError} `collection_unknown` */
export async function collectionNamed(
  context: PlatformContext,
  backend: Backend,
  name: string,
): Promise<Collection> {
  const found = (await collectionsOf(context, backend)).find((one) => one.name === name)
  if (!found) throw new ApiError('collection_unknown')
  return found
}

/** Whose objects: the caller's own, or in an isolated collection those of others, too. */
export type Reach = 'own' | 'all'

/** What a caller may do in a collection; `null` is nothing. */
export type Rights = { readonly read: Reach | null; readonly write: Reach | null }

export async function rightsIn(
  context: PlatformContext,
  visit: Visit,
  collection: Collection,
): Promise<Rights> {
  const [rights = NOTHING] = await rightsInEach(context, visit, [collection])
  return rights
}

const NOTHING: Rights = { read: null, write: null }

/** In the order of the collections. The policy is read once, and only if it can matter. */
export async function rightsInEach(
  { tools }: PlatformContext,
  { backend, user }: Visit,
  collections: readonly Collection[],
): Promise<Rights[]> {
  const own = collections.map((one) => ({ one, rights: user ? rightsBy(user, one) : NOTHING }))
  const mayGain = own.some(({ one, rights }) => rights.write === null && !one.userIsolated)
  const open = mayGain ? await openCollections(tools, backend) : []
  return own.map(({ one, rights }) => {
    const isOpen = open.includes(one.name) || open.includes(`${one.name}(${one.version})`)
    if (!isOpen || one.userIsolated) return rights
    return { read: rights.read ?? 'own', write: rights.write ?? 'own' }
  })
}

/** What a user's roles give. Without any permission set, every user may read and write. */
function rightsBy({ roles }: VisitUser, { permissions }: Collection): Rights {
  const granted = permissions
    .filter(({ role }) => role === ANY_USER || roles.includes(role))
    .map(({ access }) => access)
  const has = (...accesses: readonly Access[]) => accesses.some((one) => granted.includes(one))
  if (permissions.length === 0) return { read: 'own', write: 'own' }
  return {
    read: has('READ_ALL', 'READ_WRITE_ALL') ? 'all' : granted.length > 0 ? 'own' : null,
    write: has('READ_WRITE_ALL') ? 'all' : has('READ_WRITE') ? 'own' : null,
  }
}

/** The shared collections in which anyone may read and write, with or without a version. */
async function openCollections(
  tools: PlatformContext['tools'],
  { name, version }: Backend,
): Promise<string[]> {
  const scope = { backend: { name, version } }
  const value = await valueFor(tools, 'Security_CollectionsAnonymousAccess', scope)
  return (value ?? '').split(',').map((one) => one.trim())
}
