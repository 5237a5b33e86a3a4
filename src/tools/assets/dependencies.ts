import type { StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { assetTypeOf, DEPENDENCY_GROUPS, type Needs, type User } from './types.ts'

/** What an asset needs, directly. */
export function dependenciesOf(tools: ToolsContext, record: StoredRecord): Promise<Needs> {
  return assetTypeOf(record).needs(tools, record)
}

/** What needs an asset, directly. */
export function dependentsOf(tools: ToolsContext, record: StoredRecord): Promise<readonly User[]> {
  return assetTypeOf(record).usedBy(tools, record)
}

/** All that can be reached over one relation, the beginning left out. */
export async function reachable(
  from: readonly StoredRecord[],
  next: (record: StoredRecord) => Promise<readonly StoredRecord[]>,
): Promise<StoredRecord[]> {
  const seen = new Map(from.map((record) => [record.id, record]))
  for (let ring = from; ring.length > 0; ) {
    const found = (await Promise.all(ring.map(next))).flat()
    ring = found.filter(({ id }, at) => {
      return !seen.has(id) && found.findIndex((one) => one.id === id) === at
    })
    for (const record of ring) seen.set(record.id, record)
  }
  const start = new Set(from.map(({ id }) => id))
  return [...seen.values()].filter(({ id }) => !start.has(id))
}

/** Everything below, and the roles and unresolved names of all of it. */
export async function allNeeds(tools: ToolsContext, record: StoredRecord): Promise<Needs> {
  const below = await reachable([record], async (one) => (await dependenciesOf(tools, one)).assets)
  const each = await Promise.all([record, ...below].map((one) => dependenciesOf(tools, one)))
  return {
    assets: below,
    roles: [...new Set(each.flatMap(({ roles }) => roles))],
    unresolved: each.flatMap(({ unresolved }) => unresolved),
  }
}

/** Enough of an asset to find it again. */
export function presentShort(record: StoredRecord) {
  const { id, name, namespace, version } = assetTypeOf(record).read(record)
  return { id, name, namespace, version }
}

/** As {@link presentShort}, with what a batch may send back to say which state it means. */
export function presentReference(record: StoredRecord) {
  return { ...presentShort(record), type: assetTypeOf(record).name, etag: String(record.version) }
}

/** The object of dependencies: a list for each type, none of them left out. */
export function presentNeeds({ assets, roles, unresolved }: Needs) {
  const lists = DEPENDENCY_GROUPS.map((group) => {
    const mine = assets.filter((record) => assetTypeOf(record).group === group)
    return [group, mine.map(presentReference)] as const
  })
  return {
    ...Object.fromEntries(lists),
    roles: roles.map((name) => ({ name })),
    unresolvedDependencies: unresolved,
  }
}
