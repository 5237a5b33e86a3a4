import { randomUUID } from 'node:crypto'
import { ApiError } from '../../errors.ts'
import { type ZipEntry, zipStream } from '../../lib/zip.ts'
import type { NewRecord, StoredRecord } from '../../storage/port.ts'
import { withArchive } from '../artifacts/archive.ts'
import { artifactInsert, artifactKey, newArtifact } from '../artifacts/artifact.ts'
import {
  type Body,
  bodyOf,
  objectMember,
  objectsMember,
  refuseBad,
  requiredTextMember,
} from '../assets/body.ts'
import { createAsset } from '../assets/create.ts'
import { dependenciesOf } from '../assets/dependencies.ts'
import { readAssetFields } from '../assets/fields.ts'
import type { Mention } from '../assets/references.ts'
import { assetTypeOf, DEPENDENCY_GROUPS } from '../assets/types.ts'
import type { Acting } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { listPolicies } from '../policies/store.ts'
import {
  ASSETS_MAX,
  MANIFEST_PATH,
  manifestText,
  type PackageFields,
  POLICIES_PATH,
  placeOf,
  README_PATH,
} from './manifest.ts'
import { requireLive } from './needs.ts'
import { type Held, PACKAGES, type Package } from './package.ts'
import { policiesAbout, policiesText, valuesOf } from './policies.ts'
import { isPorted, PORTERS } from './porters/porters.ts'
import { readmeText } from './readme.ts'

export const PACKAGE_CONTENT_TYPE = 'application/zip'

const ID = { charactersMax: 100 }

type ExportOrder = { readonly fields: PackageFields; readonly ids: readonly string[] }

/** What `packageDependencies` gives; of each asset only its id is looked at. @throws `param_invalid` */
export function readExport(json: unknown, defaultVersion: string): ExportOrder {
  const body = bodyOf(json)
  const given = objectMember(body, 'package')
  if (!given) body.problems.push("'package' is required.")
  const empty = { members: {}, problems: body.problems }
  const { name, version, title, desc } = readAssetFields(given ?? empty, defaultVersion)
  const dependencies = objectMember(body, 'dependencies')
  const ids = dependencies ? idsIn(dependencies) : []
  if (ids.length === 0 || ids.length > ASSETS_MAX) {
    body.problems.push(`'dependencies' must name from 1 to ${ASSETS_MAX} assets.`)
  }
  refuseBad(body)
  return { fields: { name, version, title, desc }, ids }
}

function idsIn(dependencies: Body): string[] {
  const all = [...DEPENDENCY_GROUPS, 'clients'].flatMap((group) =>
    objectsMember(dependencies, group),
  )
  return [...new Set(all.map((one) => requiredTextMember(one, 'id', ID).toLowerCase()))]
}

export type Exported = {
  readonly made: Package
  readonly artifact: { readonly id: string; readonly name: string }
  /** The policies that went with it. */
  readonly properties: Readonly<Record<string, string>>
}

/**
 * Puts copies of assets into a file, and keeps that as a package. The file is safe before the record
 * that names it.
 *
 * @throws {ApiError} `asset_unknown`, `asset_blocked`, `asset_exists`, `too_large`, and `archive_invalid`
 *   when it is larger inside than is allowed
 */
export async function exportPackage(
  tools: ToolsContext,
  { fields, ids }: ExportOrder,
  acting: Acting,
): Promise<Exported> {
  const records = await requireLive(tools, ids)
  const at = tools.now()
  const held = records.map(heldOf)
  const policies = policiesAbout(held, await listPolicies(tools))
  const entries = [
    ...(await introduction(tools, { fields, records, policies: policiesText(policies), at })),
    ...(await Promise.all(records.map((record) => entriesOf(tools, record)))).flat(),
  ]
  const staged = await tools.blobs.stage(await zipStream(entries), tools.uploadBytesMax)
  const artifact = newArtifact({
    assetId: randomUUID(),
    name: fileNameOf(fields),
    contentType: PACKAGE_CONTENT_TYPE,
    sizeBytes: staged.sizeBytes,
  })
  const key = artifactKey(artifact)
  try {
    // What could not be taken in elsewhere is not given out.
    await withArchive(staged.path, async () => undefined)
    await tools.blobs.commit(staged, key)
    const record = newPackageRecord(
      { fields, artifactId: artifact.id, assets: held, comment: null },
      { actor: acting.actor, at, id: artifact.assetId },
    )
    const also = [artifactInsert(artifact, at)]
    const made = await createAsset(tools, PACKAGES, { ...acting, record, comment: null, also })
    return { made, artifact, properties: valuesOf(policies) }
  } catch (error) {
    await tools.blobs.discard(staged)
    await tools.blobs.delete(key)
    throw error
  }
}

export function fileNameOf({ name, version }: PackageFields): string {
  return `${name}-${version}.zip`
}

type PackageOf = {
  readonly fields: PackageFields
  readonly artifactId: string
  readonly assets: readonly Held[]
  readonly comment: string | null
}

/** The record of a package, which is published from the beginning. */
export function newPackageRecord(
  { fields, artifactId, assets, comment }: PackageOf,
  made: { readonly actor: string; readonly at: number; readonly id: string },
): NewRecord {
  const members = { ...fields, max: false, actionComment: comment, artifactId, assets }
  const record = PACKAGES.newRecord(members, made)
  const data = { ...(JSON.parse(record.data) as object), published: true }
  return { ...record, data: JSON.stringify(data) }
}

export function heldOf(record: StoredRecord): Held {
  const type = assetTypeOf(record)
  const { id, namespace, name, version } = type.read(record)
  return { id, type: type.name, namespace, name, version }
}

function mentionOf({ id: _, ...mention }: Held): Mention {
  return mention
}

type Introduced = {
  readonly fields: PackageFields
  readonly records: readonly StoredRecord[]
  readonly policies: string
  readonly at: number
}

async function introduction(
  tools: ToolsContext,
  { fields, records, policies, at }: Introduced,
): Promise<ZipEntry[]> {
  const needs = await Promise.all(records.map((record) => dependenciesOf(tools, record)))
  const roles = [...new Set(needs.flatMap((one) => one.roles))].sort()
  const manifest = { package: fields, assets: records.map((record) => mentionOf(heldOf(record))) }
  return [
    { path: MANIFEST_PATH, content: manifestText(manifest, at) },
    { path: README_PATH, content: readmeText({ ...manifest, roles }) },
    { path: POLICIES_PATH, content: policies },
  ]
}

async function entriesOf(tools: ToolsContext, record: StoredRecord): Promise<ZipEntry[]> {
  const mention = heldOf(record)
  if (!isPorted(mention.type)) throw new RangeError(`packages have no ${mention.type}`)
  const { content, archive } = await PORTERS[mention.type].pack(tools, record)
  const place = placeOf(mention)
  const members = { path: place.content, content: `${JSON.stringify(content, null, 2)}\n` }
  if (!archive) return [members]
  const open = async () => {
    const file = await tools.blobs.read(artifactKey(archive))
    if (!file) throw new ApiError('artifact_unknown')
    return file.stream
  }
  return [members, { path: place.archive, content: open }]
}
