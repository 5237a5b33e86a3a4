import { randomUUID } from 'node:crypto'
import { ApiError } from '../../errors.ts'
import { artifactInsert, artifactKey, newArtifact, readArtifact } from '../artifacts/artifact.ts'
import { type ChangeOptions, retrying, unchanged } from '../assets/change.ts'
import { createAsset } from '../assets/create.ts'
import { outcomeOf } from '../assets/lifecycle.ts'
import { readOfType } from '../assets/read.ts'
import type { VersionFields } from '../assets/versions.ts'
import type { ToolsContext } from '../context.ts'
import { requireMatch } from '../http/if-match.ts'
import { IMPLEMENTATIONS, type Implementation } from './implementation.ts'

type CopyOptions = ChangeOptions & VersionFields & { readonly id: string }

/**
 * Copies an implementation to a draft of another version, with an archive of its own.
 *
 * @throws {ApiError} `asset_unknown`, `etag_stale`, `asset_frozen`, `asset_exists`, `asset_blocked`
 */
export function copyImplementation(
  tools: ToolsContext,
  { id, ifMatch = null, version, comment, ...acting }: CopyOptions,
): Promise<Implementation> {
  return retrying(async () => {
    const original = await readOfType(tools, IMPLEMENTATIONS, id)
    requireMatch(ifMatch, String(original.version))
    const { mock, artifactId, name, ...rest } = IMPLEMENTATIONS.read(original)
    outcomeOf({ ...rest, name }, 'copyToVersion')
    if (mock || artifactId === null) {
      throw new ApiError('asset_blocked', `${name} is a mock, and each API has one of its own.`)
    }
    const before = await readArtifact(tools, artifactId)
    const { contentType, sizeBytes } = before
    const file = `${name}-${version}.zip`
    const artifact = newArtifact({ assetId: randomUUID(), name: file, contentType, sizeBytes })
    const { title, desc, max, apiId, main, node, needs, upstreamUrl } = rest
    const at = tools.now()
    const record = IMPLEMENTATIONS.newRecord(
      {
        ...{ name, version, title, desc, max, actionComment: comment, apiId, mock },
        default: false,
        ...{ artifactId: artifact.id, main, node, needs, upstreamUrl },
      },
      { actor: acting.actor, at, id: artifact.assetId },
    )
    const bytes = await tools.blobs.readBytes(artifactKey(before))
    if (!bytes) throw new ApiError('artifact_unknown')
    await tools.blobs.put(artifactKey(artifact), bytes)
    try {
      const also = [artifactInsert(artifact, at), unchanged(original)]
      return await createAsset(tools, IMPLEMENTATIONS, { ...acting, record, comment, also })
    } catch (error) {
      await tools.blobs.delete(artifactKey(artifact))
      throw error
    }
  })
}
