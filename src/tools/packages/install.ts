import { randomUUID } from 'node:crypto'
import { ApiError } from '../../errors.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { type Artifact, artifactKey, newArtifact } from '../artifacts/artifact.ts'
import { creationOperations, retrying, unchanged } from '../assets/change.ts'
import { type Mention, mentionText } from '../assets/references.ts'
import { type Acting, type By, batchBy } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { settingOf } from '../policies/store.ts'
import { type Contents, withPackage } from './contents.ts'
import { uploadAddress } from './expiry.ts'
import { fileNameOf, heldOf, newPackageRecord, PACKAGE_CONTENT_TYPE } from './export.ts'
import type { Held } from './package.ts'
import { isPossible, type Plan, type PlannedAsset, planPackage } from './plan.ts'
import { type Outcome, type PolicyStatus, recordsOf } from './present.ts'
import { readUpload, uploadOf } from './upload.ts'

export type InstallOrder = {
  readonly artifactId: string
  /** As the upload was answered. */
  readonly name: string
  /** Values that take the place of those in the package, by the names of policies. */
  readonly properties: Readonly<Record<string, string>>
  /** Policies are for administrators: for others, those of the package are left unset. */
  readonly maySetPolicies: boolean
}

export type Installed = { readonly plan: Plan; readonly outcome: Outcome }

/**
 * Makes the assets of an uploaded package that are not here yet, and the package itself, all in one
 * batch. Files are safe before.
 *
 * @throws {ApiError} `artifact_unknown`, `param_invalid`, `package_blocked` naming what stands in the
 *   way, `asset_exists` when a name was taken meanwhile, `conflict`; nothing is installed then
 */
export function installPackage(
  tools: ToolsContext,
  order: InstallOrder,
  acting: Acting,
): Promise<Installed> {
  return retrying(async () => {
    const upload = await readUpload(tools, order.artifactId)
    const { artifact } = uploadOf(upload)
    if (artifact.name !== order.name) {
      throw new ApiError('param_invalid', `The name of this package is ${artifact.name}.`)
    }
    const file = await tools.blobs.read(artifactKey(artifact))
    if (!file) throw new ApiError('artifact_unknown')
    const staged = await tools.blobs.stage(file.stream, tools.uploadBytesMax)
    try {
      return await withPackage(tools, staged.path, async (contents) => {
        const by = { ...acting, at: tools.now() }
        return install(tools, contents, { order, by, upload, artifact })
      })
    } finally {
      await tools.blobs.discard(staged)
    }
  })
}

type Installing = {
  readonly order: InstallOrder
  readonly by: By
  readonly upload: StoredRecord
  readonly artifact: Artifact
}

async function install(
  tools: ToolsContext,
  contents: Contents,
  { order, by, upload, artifact }: Installing,
): Promise<Installed> {
  const plan = await planPackage(tools, contents, order.properties)
  requirePossible(plan)
  const made = writesOf(plan, by)
  const { policies, operations: policyWrites } = policyWritesOf(plan, order, by)
  // A package that is here already keeps its own file, and this one goes when its time is up.
  const own = plan.existing ? [] : packageWrites(plan, { made, by, upload, artifact })
  const operations = [...made.operations, ...policyWrites, ...own]
  const committed: string[] = []
  try {
    for (const { staged, artifact: one } of made.files) {
      await tools.blobs.commit(staged, artifactKey(one))
      committed.push(artifactKey(one))
    }
    if (operations.length > 0) await tools.store.write(batchBy(by, operations))
  } catch (error) {
    for (const key of committed) await tools.blobs.delete(key)
    throw error
  }
  const packageId = plan.existing ? null : artifact.assetId
  return { plan, outcome: { ids: made.ids, packageId, policies } }
}

/** @throws {ApiError} `package_blocked` */
function requirePossible(plan: Plan): void {
  if (isPossible(plan)) return
  const assets = recordsOf(plan).filter(({ status }) => !['NEW', 'EXISTS'].includes(status))
  const sentences = [
    ...assets.map(({ name, version, detail }) => `${name} ${version}: ${detail ?? ''}`),
    ...plan.policyProblems,
  ]
  const details = { title: 'Package', detail: sentences.join(' '), assets }
  throw new ApiError('package_blocked', sentences.slice(0, 3).join(' '), { details })
}

type Writes = {
  readonly operations: readonly WriteOperation[]
  /** By the place in the package. */
  readonly ids: readonly string[]
  readonly files: readonly {
    readonly staged: NonNullable<PlannedAsset['item']['staged']>
    readonly artifact: Artifact
  }[]
}

function writesOf(plan: Plan, by: By): Writes {
  const ids = plan.assets.map(({ existing }) => existing?.id ?? randomUUID())
  const idOf = idsBy(plan, ids)
  const { name, version } = plan.contents.manifest.package
  const comment = `Installed with the package ${name} ${version}.`
  const operations: WriteOperation[] = []
  const files: Writes['files'][number][] = []
  for (const [at, { item, status, boundTo }] of plan.assets.entries()) {
    const { draft, staged, mention } = item
    if (status !== 'NEW' || !draft) continue
    const id = ids[at] ?? ''
    const artifact = staged && archiveArtifact(id, mention, staged.sizeBytes)
    if (staged && artifact) files.push({ staged, artifact })
    const defaultId = boundTo && idOf(boundTo)
    const { record, also } = draft.make({ by, id, comment, idOf, defaultId, artifact })
    operations.push(...creationOperations(record, { action: 'CREATED', comment }, by), ...also)
  }
  return { operations: [...operations, ...checksOf(plan)], ids, files }
}

/** What new ones are tied to must not go meanwhile. */
function checksOf({ assets, tied }: Plan): WriteOperation[] {
  if (!assets.some(({ status }) => status === 'NEW')) return []
  const existing = assets.flatMap((one) => one.existing ?? [])
  return [...existing, ...tied].map(unchanged)
}

function idsBy({ assets, tied }: Plan, ids: readonly string[]): (mention: Mention) => string {
  const known = new Map(assets.map(({ item }, at) => [mentionText(item.mention), ids[at]] as const))
  const outside = new Map(tied.map((record) => [textOf(record), record.id]))
  return (mention) => {
    const text = mentionText(mention)
    const id = known.get(text) ?? outside.get(text)
    if (id === undefined) throw new RangeError(`${text} was not looked for`)
    return id
  }
}

function textOf(record: StoredRecord): string {
  return mentionText(heldOf(record))
}

function archiveArtifact(assetId: string, { name, version }: Mention, sizeBytes: number): Artifact {
  const file = fileNameOf({ name, version, title: null, desc: null })
  return newArtifact({ assetId, name: file, contentType: PACKAGE_CONTENT_TYPE, sizeBytes })
}

type PackageWrites = Omit<Installing, 'order'> & { readonly made: Writes }

/** The uploaded file becomes that of the package. */
function packageWrites(
  plan: Plan,
  { made, by, upload, artifact }: PackageWrites,
): WriteOperation[] {
  const assets: Held[] = plan.assets.map(({ item }, at) => {
    const { type, namespace, name, version } = item.mention
    return { id: made.ids[at] ?? '', type, namespace, name, version }
  })
  const record = newPackageRecord(
    {
      ...{ fields: plan.contents.manifest.package, assets },
      ...{ artifactId: artifact.id, comment: null },
    },
    { actor: by.actor, at: by.at, id: artifact.assetId },
  )
  return [
    ...creationOperations(record, { action: 'CREATED' }, by),
    { op: 'delete', address: uploadAddress(artifact.id), ifVersion: upload.version },
  ]
}

function policyWritesOf(plan: Plan, { maySetPolicies }: InstallOrder, by: By) {
  const operations: WriteOperation[] = []
  const policies = plan.policies.map(({ name, value, status, isBinding }): PolicyStatus => {
    if (status === 'EXISTS') return 'EXISTS'
    // It is a member of the API, which every developer may make.
    if (isBinding) return 'SET'
    if (!maySetPolicies) return 'NOT_SET'
    operations.push(...settingOf({ name, value }, null, by))
    return 'SET'
  })
  return { operations, policies }
}
