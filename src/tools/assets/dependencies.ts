import { INSTANCE } from '../../engine/backend.ts'
import { textKey } from '../../storage/keys.ts'
import type { StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { nameClaim } from './fields.ts'
import { readAssets } from './read.ts'
import { type Mention, mentionText, REFERENCE_FIELDS } from './references.ts'
import { ASSET_TYPES, assetTypeNamed, assetTypeOf, DEPENDENCY_GROUPS } from './types.ts'

/** More than sensible people make depend on one asset. */
const USERS_MAX = 1000

/** What an asset needs, directly. */
export type Needs = {
  readonly assets: readonly StoredRecord[]
  /** Assets that are parts of it: they hang below it, but it can be published without them. */
  readonly parts: readonly StoredRecord[]
  readonly roles: readonly string[]
  /** Names in a manifest that match nothing. */
  readonly unresolved: readonly { readonly name: string; readonly version: string }[]
}

/** An asset that needs another; one that only points at it can do without, and says so then. */
export type User = { readonly record: StoredRecord; readonly onlyPoints: boolean }

/** What an asset needs, directly. */
export async function dependenciesOf(tools: ToolsContext, record: StoredRecord): Promise<Needs> {
  const type = assetTypeOf(record)
  const { ids = [], mentions = [], roles = [] } = type.references(type.read(record))
  const [byId, byName, parts] = await Promise.all([
    readAssets(tools, ids),
    Promise.all(mentions.map((one) => mentioned(tools, one))),
    partsOf(tools, record),
  ])
  const found = [...byId, ...byName.filter((one) => one !== null)]
  return {
    assets: found.filter((one, at) => found.findIndex(({ id }) => id === one.id) === at),
    parts: parts.filter((part) => !found.some(({ id }) => id === part.id)),
    roles,
    unresolved: mentions
      .filter((_, at) => byName[at] === null)
      .map(({ namespace, name, version }) => ({ name: `${namespace ?? ''}/${name}`, version })),
  }
}

/** The live asset of a name, or `null`. */
export async function mentioned(
  { store }: Pick<ToolsContext, 'store'>,
  mention: Mention,
): Promise<StoredRecord | null> {
  const type = assetTypeNamed(mention.type)
  return type ? store.getByClaim(INSTANCE, nameClaim(type.recordType, mention)) : null
}

/** The assets that an asset is made of. */
export function partsOf(tools: ToolsContext, { id }: StoredRecord): Promise<StoredRecord[]> {
  return referringTo(tools, REFERENCE_FIELDS.partOf, [id])
}

/** What needs an asset, directly. Parts share its fate, so they do not count. */
export async function dependentsOf(tools: ToolsContext, record: StoredRecord): Promise<User[]> {
  const { name: type, read } = assetTypeOf(record)
  const { namespace, name, version } = read(record)
  const asMention = mentionText({ type, namespace, name, version })
  const [users, pointers] = await Promise.all([
    referringTo(tools, REFERENCE_FIELDS.uses, [record.id, asMention]),
    referringTo(tools, REFERENCE_FIELDS.pointsAt, [record.id]),
  ])
  const used = new Set(users.map(({ id }) => id))
  return [
    ...users.map((user) => ({ record: user, onlyPoints: false })),
    ...pointers
      .filter(({ id }) => !used.has(id))
      .map((pointer) => ({ record: pointer, onlyPoints: true })),
  ]
}

/** What holds a copy of an asset, which stands in nobody's way. */
export async function holdersOf(tools: ToolsContext, { id }: StoredRecord): Promise<User[]> {
  const holders = await referringTo(tools, REFERENCE_FIELDS.holds, [id])
  return holders.map((record) => ({ record, onlyPoints: true }))
}

async function referringTo(
  { store }: ToolsContext,
  field: string,
  texts: readonly string[],
): Promise<StoredRecord[]> {
  const where = { op: 'in', field, values: texts.map(textKey) } as const
  const found = await Promise.all(
    ASSET_TYPES.map(({ recordType: type }) =>
      store.find({ backendId: INSTANCE, type, where, limit: USERS_MAX }),
    ),
  )
  return found.flatMap(({ records }) => records)
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

/** Everything that an asset needs, and the roles and unresolved names of all of it. */
export async function allNeeds(
  tools: ToolsContext,
  record: StoredRecord,
): Promise<Omit<Needs, 'parts'>> {
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
export function presentNeeds({ assets, parts = [], roles, unresolved }: Partial<Needs>) {
  const all = [...(assets ?? []), ...parts]
  const lists = DEPENDENCY_GROUPS.map((group) => [group, inGroup(all, group)] as const)
  return {
    ...Object.fromEntries(lists),
    roles: (roles ?? []).map((name) => ({ name })),
    unresolvedDependencies: unresolved ?? [],
  }
}

/** What needs an asset, in the same form; the clients come besides. */
export function presentUsers(users: readonly User[]) {
  const assets = users.map(({ record }) => record)
  return { ...presentNeeds({ assets }), clients: inGroup(assets, 'clients') }
}

function inGroup(records: readonly StoredRecord[], group: string) {
  return records.filter((one) => assetTypeOf(one).group === group).map(presentReference)
}
