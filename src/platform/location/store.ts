import { ApiError } from '../../errors.ts'
import { isObjectId } from '../../lib/ids.ts'
import { type NewRecord, type StoredRecord, WriteConflict } from '../../storage/port.ts'
import { retrying } from '../../tools/assets/change.ts'
import { type Acting, auditInsert, type By, batchBy, byOf } from '../../tools/audit/entry.ts'
import { refuseIfAny } from '../../tools/problems.ts'
import type { PlatformContext } from '../context.ts'
import type { LocationData, LocationKind } from './body.ts'
import type { LocationQuery } from './query.ts'
import { changedLocation, locationType, newLocation } from './record.ts'

/** Things of one kind, of one backend. */
export type Where = { readonly backendId: string; readonly kind: LocationKind }

/** @throws {ApiError} `location_unknown` */
export async function readLocationRecord(
  { store }: PlatformContext,
  { backendId, kind }: Where,
  id: string,
): Promise<StoredRecord> {
  const found = isObjectId(id) ? await store.get({ backendId, type: locationType(kind), id }) : null
  if (!found) throw new ApiError('location_unknown')
  return found
}

/** One more than asked for, where there is one. */
export async function findLocations(
  context: PlatformContext,
  where: Where,
  query: LocationQuery,
): Promise<readonly StoredRecord[]> {
  const { backendId, kind } = where
  const at = query.associatedDeviceId
  const places = at === null ? null : await placesOfDevice(context, where, at)
  if (places?.length === 0) return []
  const all = [
    ...query.where,
    ...(places ? [{ op: 'in', field: 'id', values: places } as const] : []),
  ]
  const { records } = await context.store.find({
    ...{ backendId, type: locationType(kind), limit: query.limit + 1, offset: query.offset },
    ...(all.length > 0 && { where: { op: 'and', all } as const }),
    ...(query.orderBy.length > 0 && { orderBy: query.orderBy }),
  })
  return records
}

async function placesOfDevice(
  context: PlatformContext,
  { backendId, kind }: Where,
  id: string,
): Promise<string[]> {
  const address = { backendId, type: locationType('devices'), id }
  const device = isObjectId(id) ? await context.store.get(address) : null
  if (!device) return []
  const { associatedPlaceId, associatedAssetId } = JSON.parse(device.data) as LocationData
  const found = kind === 'assets' ? associatedAssetId : associatedPlaceId
  return found ? [found] : []
}

/** All of them, or none. @throws {ApiError} `location_exists`, `param_invalid` */
export async function createLocations(
  context: PlatformContext,
  { backendId, kind }: Where,
  { items, ...acting }: Acting & { readonly items: readonly LocationData[] },
): Promise<NewRecord[]> {
  await requireKnown(context, backendId, items)
  const by = byOf(acting, context.now())
  const records = items.map((data) => newLocation(kind, data, { backendId, ...by }))
  const operations = records.flatMap((record) => [
    { op: 'insert', record } as const,
    entryOf('LOCATION_CREATED', record, by),
  ])
  await context.store.write(batchBy(by, operations)).catch(asTaken)
  return records
}

/** @throws {ApiError} `location_unknown`, `location_exists`, `param_invalid` */
export function updateLocation(
  context: PlatformContext,
  where: Where,
  { id, data, ...acting }: Acting & { readonly id: string; readonly data: LocationData },
): Promise<NewRecord> {
  return retrying(async () => {
    const before = await readLocationRecord(context, where, id)
    await requireKnown(context, where.backendId, [data])
    const by = byOf(acting, context.now())
    const record = changedLocation(where.kind, data, { before, ...by })
    const change = { op: 'replace', record, ifVersion: before.version } as const
    const operations = [change, entryOf('LOCATION_UPDATED', record, by)]
    await context.store.write(batchBy(by, operations)).catch(asTaken)
    return record
  })
}

/** @throws {ApiError} `location_unknown` */
export function deleteLocation(
  context: PlatformContext,
  where: Where,
  { id, ...acting }: Acting & { readonly id: string },
): Promise<void> {
  return retrying(async () => {
    const before = await readLocationRecord(context, where, id)
    const by = byOf(acting, context.now())
    const removal = { op: 'delete', address: before, ifVersion: before.version } as const
    await context.store.write(batchBy(by, [removal, entryOf('LOCATION_DELETED', before, by)]))
  })
}

/** What is named has to be there. */
async function requireKnown(
  { store }: PlatformContext,
  backendId: string,
  items: readonly LocationData[],
): Promise<void> {
  const named = items.flatMap((one): [LocationKind, string][] => {
    const place = one.parentPlace ?? one.associatedPlaceId
    return [
      ...(place ? [['places', place] as [LocationKind, string]] : []),
      ...(one.associatedAssetId
        ? [['assets', one.associatedAssetId] as [LocationKind, string]]
        : []),
    ]
  })
  const problems: string[] = []
  for (const [kind, id] of named) {
    const found = await store.get({ backendId, type: locationType(kind), id })
    if (!found) problems.push(`There is nothing under the id ${id} in ${kind}.`)
  }
  refuseIfAny(problems)
}

function entryOf(action: string, { backendId, id, type, data }: NewRecord, by: By) {
  const { name } = JSON.parse(data) as LocationData
  const kind = type.replace('$location_', '')
  const changes = [{ member: `location.${kind}.${id}`, from: null, to: name }]
  const target = { type: 'MobileBackend', id: backendId, name: null }
  return auditInsert({ actions: [action], target, changes }, by)
}

function asTaken(cause: unknown): never {
  const isTaken = cause instanceof WriteConflict && cause.reason === 'claimed'
  throw isTaken ? new ApiError('location_exists', undefined, { cause }) : cause
}
