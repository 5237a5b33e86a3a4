import { randomUUID } from 'node:crypto'
import type { StagedBlob } from '../../blobs/port.ts'
import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { APIS } from '../apis/api.ts'
import {
  type Artifact,
  artifactDelete,
  artifactInsert,
  artifactKey,
  newArtifact,
} from '../artifacts/artifact.ts'
import { type ChangeOptions, changeAsset, retrying, unchanged } from '../assets/change.ts'
import { createAsset } from '../assets/create.ts'
import { dependenciesOf } from '../assets/dependencies.ts'
import { outcomeOf } from '../assets/lifecycle.ts'
import { readOfType } from '../assets/read.ts'
import type { ToolsContext } from '../context.ts'
import { requireMatch } from '../http/if-match.ts'
import { readArchive } from './archive.ts'
import { IMPLEMENTATIONS, type Implementation } from './implementation.ts'
import type { Manifest } from './manifest.ts'
import { implementationNamed } from './read.ts'

export const ARCHIVE_TYPE = 'application/zip'

export type Uploaded = {
  readonly implementationId: string
  readonly artifactId: string
  readonly unresolvedDependencies: readonly { readonly name: string; readonly version: string }[]
}

type UploadOptions = ChangeOptions & { readonly staged: StagedBlob }

/**
 * Takes an archive as an implementation of an API: a new one, or what takes the place of a draft of
 * the same name and version. What its manifest needs and is not there is told, and does no harm.
 *
 * @returns also the counter of the API, of whose state `ifMatch` speaks
 * @throws {ApiError} `asset_unknown`, `etag_stale`, `archive_invalid`, `asset_exists`,
 *   `asset_frozen`
 */
export async function uploadImplementation(
  tools: ToolsContext,
  apiId: string,
  { staged, ...options }: UploadOptions,
): Promise<Uploaded & { readonly apiEtag: string }> {
  await openApi(tools, apiId, options)
  const manifest = await readArchive(staged.path)
  // One at a time: two uploads of one name are a new one and one that takes its place.
  return tools.turns.run(`upload ${manifest.name}(${manifest.version})`, async () => {
    const before = await replaceable(tools, apiId, manifest)
    const artifact = newArtifact({
      assetId: before?.id ?? randomUUID(),
      name: `${manifest.name}-${manifest.version}.zip`,
      contentType: ARCHIVE_TYPE,
      sizeBytes: staged.sizeBytes,
    })
    await tools.blobs.commit(staged, artifactKey(artifact))
    try {
      const made = { manifest, artifact, options }
      if (before) await replace(tools, apiId, { ...made, before })
      else await create(tools, apiId, made)
    } catch (error) {
      await tools.blobs.delete(artifactKey(artifact))
      throw error
    }
    if (before) await removeFile(tools, before)
    return told(tools, apiId, artifact)
  })
}

/** Removes the archive that another one took the place of. If it fails, the purge will do it. */
async function removeFile({ blobs }: ToolsContext, before: Implementation): Promise<void> {
  const { id: assetId, artifactId } = before
  if (artifactId === null) return
  await blobs.delete(artifactKey({ assetId, id: artifactId })).catch(() => undefined)
}

async function told(
  tools: ToolsContext,
  apiId: string,
  artifact: Artifact,
): Promise<Uploaded & { readonly apiEtag: string }> {
  const record = await readOfType(tools, IMPLEMENTATIONS, artifact.assetId)
  const [{ unresolved }, api] = await Promise.all([
    dependenciesOf(tools, record),
    readOfType(tools, APIS, apiId),
  ])
  return {
    implementationId: record.id,
    artifactId: artifact.id,
    unresolvedDependencies: unresolved,
    apiEtag: String(api.version),
  }
}

/** The API, in the state that is meant. @throws `asset_unknown`, `etag_stale`, `asset_frozen` */
async function openApi(
  tools: ToolsContext,
  apiId: string,
  { ifMatch = null }: Pick<ChangeOptions, 'ifMatch'>,
): Promise<StoredRecord> {
  const record = await readOfType(tools, APIS, apiId)
  requireMatch(ifMatch, String(record.version))
  // Its implementations have versions of their own, so a published one takes new ones too.
  outcomeOf(APIS.read(record), 'configure')
  return record
}

/** The draft whose place an archive takes, or `null` for a new one. @throws `asset_exists` */
async function replaceable(
  tools: ToolsContext,
  apiId: string,
  manifest: Manifest,
): Promise<Implementation | null> {
  const record = await implementationNamed(tools, manifest)
  if (!record) return null
  const before = IMPLEMENTATIONS.read(record)
  const { name, version, mock, published } = before
  const isOwn = before.apiId.toLowerCase() === apiId.toLowerCase()
  if (isOwn && !mock && !published) return before
  const what = isOwn ? (mock ? 'is the mock of the API' : 'is published') : 'is of another API'
  throw new ApiError('asset_exists', `${name} ${version} ${what}; choose another version.`)
}

type Made = {
  readonly manifest: Manifest
  readonly artifact: Artifact
  readonly options: ChangeOptions
}

function create(
  tools: ToolsContext,
  apiId: string,
  { manifest, artifact, options }: Made,
): Promise<Implementation> {
  const { ifMatch: _, ...acting } = options
  return retrying(async () => {
    const api = await openApi(tools, apiId, options)
    const at = tools.now()
    const shared = { title: null, max: false, actionComment: null }
    const { name, version, desc } = manifest
    const members = { ...membersOf(manifest, artifact), apiId: api.id, mock: false, default: false }
    const record = IMPLEMENTATIONS.newRecord(
      { ...shared, ...members, name, version, desc, upstreamUrl: null },
      { actor: acting.actor, at, id: artifact.assetId },
    )
    const also = [artifactInsert(artifact, at), unchanged(api)]
    return createAsset(tools, IMPLEMENTATIONS, { ...acting, record, comment: null, also })
  })
}

async function replace(
  tools: ToolsContext,
  apiId: string,
  { manifest, artifact, options, before }: Made & { readonly before: Implementation },
): Promise<Implementation> {
  const { ifMatch: _, ...acting } = options
  const changed = await changeAsset(tools, before.id, acting, async (now) => {
    const api = await openApi(tools, apiId, options)
    const implementation = IMPLEMENTATIONS.read(now)
    outcomeOf(implementation, 'edit')
    const { artifactId: outdated } = implementation
    return {
      data: { ...membersOf(manifest, artifact), desc: manifest.desc ?? implementation.desc },
      happenings: [{ action: 'UPDATED', changed: ['artifactId'] }],
      writes: [
        ...(outdated === null ? [] : [artifactDelete(outdated)]),
        artifactInsert(artifact, tools.now()),
      ],
      checks: [unchanged(api)],
    }
  })
  return IMPLEMENTATIONS.read(changed)
}

function membersOf({ main, node, needs }: Manifest, { id }: Artifact) {
  return { artifactId: id, main, node, needs }
}
