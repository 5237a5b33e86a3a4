import { randomUUID } from 'node:crypto'
import type { StagedBlob } from '../../blobs/port.ts'
import { ApiError } from '../../errors.ts'
import type { NewRecord, StoredRecord } from '../../storage/port.ts'
import { type Artifact, artifactInsert, artifactKey, newArtifact } from '../artifacts/artifact.ts'
import { type Acting, batchBy } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { withPackage } from './contents.ts'
import { expiryJob, uploadAddress } from './expiry.ts'
import { fileNameOf, PACKAGE_CONTENT_TYPE } from './export.ts'
import { type Plan, planPackage } from './plan.ts'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

type UploadData = { readonly artifact: Artifact }

export type Uploaded = { readonly artifact: Artifact; readonly plan: Plan }

/**
 * Keeps a package for a while, to be installed, and tells what that would do. Also one that cannot be
 * installed as things are now.
 *
 * @throws {ApiError} `archive_invalid`, `package_invalid`, `too_large`; nothing is kept then
 */
export function uploadPackage(
  tools: ToolsContext,
  staged: StagedBlob,
  acting: Acting,
): Promise<Uploaded> {
  return withPackage(tools, staged.path, async (contents) => {
    const plan = await planPackage(tools, contents, {})
    const artifact = newArtifact({
      // The asset that it will be of once it is installed.
      assetId: randomUUID(),
      name: fileNameOf(contents.manifest.package),
      contentType: PACKAGE_CONTENT_TYPE,
      sizeBytes: staged.sizeBytes,
    })
    const by = { ...acting, at: tools.now() }
    await tools.blobs.commit(staged, artifactKey(artifact))
    try {
      const operations = [
        artifactInsert(artifact, by.at),
        { op: 'insert', record: uploadRecord({ artifact }, by.at) },
        { op: 'enqueue', job: expiryJob(artifact, by.at) },
      ] as const
      await tools.store.write(batchBy(by, operations))
    } catch (error) {
      await tools.blobs.delete(artifactKey(artifact))
      throw error
    }
    return { artifact, plan }
  })
}

function uploadRecord(data: UploadData, at: number): NewRecord {
  return {
    ...{ ...uploadAddress(data.artifact.id), ownerId: null, aclId: null },
    ...{ createdAt: at, updatedAt: at, data: JSON.stringify(data), hidden: null },
    ...{ keys: {}, claims: [] },
  }
}

export function uploadOf({ data }: StoredRecord): UploadData {
  return JSON.parse(data) as UploadData
}

/** @throws {ApiError} `artifact_unknown` */
export async function readUpload(
  { store }: Pick<ToolsContext, 'store'>,
  artifactId: string,
): Promise<StoredRecord> {
  const wanted = artifactId.toLowerCase()
  const record = UUID.test(wanted) ? await store.get(uploadAddress(wanted)) : null
  if (record) return record
  const detail = 'No package waits to be installed under this id; upload it, or upload it again.'
  throw new ApiError('artifact_unknown', detail)
}
