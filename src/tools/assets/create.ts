import { ApiError } from '../../errors.ts'
import {
  type NewRecord,
  type StoredRecord,
  WriteConflict,
  type WriteOperation,
} from '../../storage/port.ts'
import { batchBy, type Trace } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import type { Asset } from './asset.ts'
import { creationOperations } from './change.ts'
import type { AssetType } from './types.ts'

type Creation = {
  readonly actor: string
  readonly trace?: Trace
  /** Why, for the history. */
  readonly comment: string | null
  /** What is written with it, or not at all. */
  readonly also?: readonly WriteOperation[]
}

/**
 * Writes an asset that is being made.
 *
 * @throws {ApiError} `asset_exists` when a live one has its name and version
 */
export async function createAsset<A extends Asset>(
  tools: ToolsContext,
  type: AssetType<A>,
  { record, actor, trace = {}, comment, also = [] }: Creation & { readonly record: NewRecord },
): Promise<A> {
  const by = { actor, at: record.createdAt, trace }
  const operations = creationOperations(record, { action: 'CREATED', comment }, by)
  const made: StoredRecord = { ...record, version: 1 }
  try {
    await tools.store.write(batchBy(by, [...operations, ...also]))
  } catch (error) {
    const taken = error instanceof WriteConflict && error.scope === `${type.recordType}.name`
    if (!taken) throw error
    const { name, version } = type.read(made)
    throw new ApiError(
      'asset_exists',
      `A live ${type.what} ${name} with version ${version} exists already; choose another version.`,
      { cause: error },
    )
  }
  return type.read(made)
}
