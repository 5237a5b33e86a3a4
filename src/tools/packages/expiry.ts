import { INSTANCE } from '../../engine/backend.ts'
import { type NewJob, type RecordAddress, WriteConflict } from '../../storage/port.ts'
import { type Artifact, artifactDelete } from '../artifacts/artifact.ts'
import type { ToolsContext } from '../context.ts'
import type { TenantFiles } from '../purge/purge.ts'
import { PACKAGES } from './package.ts'

export const EXPIRY_JOB = 'tools.packageExpiry'

/** How long a package that was uploaded waits to be installed. */
const UPLOAD_KEPT_MS = 24 * 3_600_000

export type ExpiryPayload = { readonly packageId: string; readonly artifactId: string }

/** A package that was uploaded and not installed; it has the id of its artifact. */
const UPLOAD_TYPE = 'packageUpload'

export function uploadAddress(artifactId: string): RecordAddress {
  return { backendId: INSTANCE, type: UPLOAD_TYPE, id: artifactId }
}

export function expiryJob({ id: artifactId, assetId: packageId }: Artifact, at: number): NewJob {
  return {
    ...{ backendId: INSTANCE, id: `package:${packageId}`, kind: EXPIRY_JOB },
    payload: JSON.stringify({ packageId, artifactId } satisfies ExpiryPayload),
    runAt: at + UPLOAD_KEPT_MS,
  }
}

/**
 * The job: removes a package that nobody has installed. Its records go first, by which an install
 * that is under way is refused; run again after a kill, it goes on with the file.
 */
export async function expireUpload(
  { store, now }: Pick<ToolsContext, 'store' | 'now'>,
  files: TenantFiles,
  { packageId, artifactId }: ExpiryPayload,
): Promise<void> {
  const address = uploadAddress(artifactId)
  if (await store.get(address)) {
    const operations = [{ op: 'delete', address }, artifactDelete(artifactId)] as const
    try {
      await store.write({ operations, actor: 'system', at: now() })
    } catch (error) {
      // It was installed just now, or another run of this job is ahead.
      if (!(error instanceof WriteConflict)) throw error
    }
  }
  const type = PACKAGES.recordType
  if (await store.get({ backendId: INSTANCE, type, id: packageId })) return
  await files.deleteAll(`${packageId}/`)
}
