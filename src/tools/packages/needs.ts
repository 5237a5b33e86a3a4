import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import {
  dependenciesOf,
  mentioned,
  presentNeeds,
  presentReference,
} from '../assets/dependencies.ts'
import { readAssets } from '../assets/read.ts'
import { assetTypeOf } from '../assets/types.ts'
import { BACKENDS } from '../backends/type.ts'
import { CLIENTS } from '../clients/client.ts'
import type { ToolsContext } from '../context.ts'
import { IMPLEMENTATIONS } from '../implementations/implementation.ts'
import { ASSETS_MAX } from './manifest.ts'
import { PACKAGES } from './package.ts'

/** More than a package of one name and version is made of the same assets. */
const VERSIONS_MAX = 1000

/**
 * What a package of some assets would have: these, and all that they need. It is as `exportPackage`
 * takes it.
 *
 * @throws {ApiError} `asset_unknown`, `asset_blocked`, `too_large`
 */
export async function packageDependencies(tools: ToolsContext, ids: readonly string[]) {
  const asked = await requireLive(tools, ids)
  const all = await withNeeds(tools, asked)
  if (all.length > ASSETS_MAX) {
    throw new ApiError(
      'too_large',
      `A package has at most ${ASSETS_MAX} assets, not ${all.length}.`,
    )
  }
  const each = await Promise.all(all.map((record) => dependenciesOf(tools, record)))
  const roles = [...new Set(each.flatMap((one) => one.roles))]
  const unresolved = new Map(
    each.flatMap((one) => one.unresolved).map((one) => [`${one.name} ${one.version}`, one]),
  )
  const clients = all.filter(({ type }) => type === CLIENTS.recordType)
  return {
    package: await suggestion(tools, asked),
    dependencies: {
      ...presentNeeds({ assets: all, roles, unresolved: [...unresolved.values()] }),
      clients: clients.map(presentReference),
    },
  }
}

/**
 * Live assets by their ids.
 *
 * @throws {ApiError} `asset_unknown`, `asset_blocked` for what no package can have
 */
export async function requireLive(
  tools: ToolsContext,
  ids: readonly string[],
): Promise<StoredRecord[]> {
  const found = await readAssets(tools, ids)
  const known = new Set(found.map(({ id }) => id))
  const unknown = ids.find((id) => !known.has(id.toLowerCase()))
  if (unknown !== undefined) {
    throw new ApiError('asset_unknown', `There is no asset with the id ${unknown.slice(0, 60)}.`)
  }
  for (const record of found) {
    const { name, version, inTrash } = assetTypeOf(record).read(record)
    if (inTrash) throw new ApiError('asset_blocked', `${name} ${version} is in the trash.`)
    if (record.type === PACKAGES.recordType) {
      throw new ApiError('asset_blocked', `${name} ${version} is a package itself.`)
    }
    if (isMock(record)) {
      throw new ApiError('asset_blocked', `${name} ${version} is a mock; it comes with its API.`)
    }
  }
  return found
}

/** Assets, and all that they need: also the whole of what is a part, and all parts of that. */
async function withNeeds(
  tools: ToolsContext,
  asked: readonly StoredRecord[],
): Promise<StoredRecord[]> {
  const all = new Map(asked.map((record) => [record.id, record]))
  for (let ring = asked; ring.length > 0; ) {
    const found = (await Promise.all(ring.map((record) => neededBy(tools, record)))).flat()
    ring = [...new Map(found.map((one) => [one.id, one])).values()].filter(({ id }) => !all.has(id))
    for (const record of ring) all.set(record.id, record)
  }
  return [...all.values()]
}

async function neededBy(tools: ToolsContext, record: StoredRecord): Promise<StoredRecord[]> {
  const { assets, parts } = await dependenciesOf(tools, record)
  const type = assetTypeOf(record)
  const { partOf, pointsAt = [] } = type.references(type.read(record))
  // A client is of no use without its backend; a backend is, without that which takes its calls.
  const pointed = record.type === CLIENTS.recordType ? pointsAt : []
  const around = await readAssets(tools, [...(partOf ? [partOf] : []), ...pointed])
  return [...assets, ...parts, ...around].filter((one) => {
    return !isMock(one) && !assetTypeOf(one).read(one).inTrash
  })
}

function isMock(record: StoredRecord): boolean {
  return record.type === IMPLEMENTATIONS.recordType && IMPLEMENTATIONS.read(record).mock
}

/** The name of the first backend, or else of the first asset, with a version that is free. */
async function suggestion(tools: ToolsContext, asked: readonly StoredRecord[]) {
  const record = asked.find(({ type }) => type === BACKENDS.recordType) ?? asked[0]
  if (!record) throw new RangeError('nothing was asked for')
  const { name, version: base, desc } = assetTypeOf(record).read(record)
  for (let again = 0; again < VERSIONS_MAX; again += 1) {
    const version = again === 0 ? base : `${base.slice(0, 90)}.${again}`
    const taken = await mentioned(tools, { type: PACKAGES.name, namespace: null, name, version })
    if (!taken) return { name, version, desc }
  }
  return { name, version: base, desc }
}
