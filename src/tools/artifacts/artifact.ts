import { randomUUID } from 'node:crypto'
import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import type { NewRecord, RecordAddress, StoredRecord, WriteOperation } from '../../storage/port.ts'
import { ARTIFACT_TYPE, belongingKeys } from '../assets/belongings.ts'
import type { ToolsContext } from '../context.ts'

/** A file that belongs to an asset. */
export type Artifact = {
  readonly id: string
  readonly assetId: string
  /** What it is called when someone saves it. */
  readonly name: string
  readonly contentType: string
  readonly sizeBytes: number
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function newArtifact(facts: Omit<Artifact, 'id'>): Artifact {
  return { id: randomUUID(), ...facts }
}

/**
 * Where the file is. Under the id of its asset, since the purge of an asset removes whatever lies
 * there.
 */
export function artifactKey({ assetId, id }: Pick<Artifact, 'assetId' | 'id'>): string {
  return `${assetId}/artifacts/${id}`
}

/** The write of an artifact; its file must be safe before. */
export function artifactInsert({ id, ...facts }: Artifact, at: number): WriteOperation {
  const record: NewRecord = {
    ...{ ...addressOf(id), ownerId: null, aclId: null, createdAt: at, updatedAt: at },
    ...{ data: JSON.stringify(facts), hidden: null, claims: [] },
    keys: belongingKeys(facts.assetId),
  }
  return { op: 'insert', record }
}

export function artifactDelete(id: string): WriteOperation {
  return { op: 'delete', address: addressOf(id) }
}

/** @throws {ApiError} `artifact_unknown` */
export async function readArtifact(
  { store }: Pick<ToolsContext, 'store'>,
  id: string,
): Promise<Artifact> {
  const wanted = id.toLowerCase()
  const record = UUID.test(wanted) ? await store.get(addressOf(wanted)) : null
  if (!record) throw new ApiError('artifact_unknown')
  return artifactOf(record)
}

function artifactOf({ id, data }: StoredRecord): Artifact {
  return { id, ...(JSON.parse(data) as Omit<Artifact, 'id'>) }
}

function addressOf(id: string): RecordAddress {
  return { backendId: INSTANCE, type: ARTIFACT_TYPE, id }
}
