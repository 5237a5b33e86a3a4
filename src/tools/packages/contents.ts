import type { StagedBlob } from '../../blobs/port.ts'
import { ApiError } from '../../errors.ts'
import { type Archive, withArchive } from '../artifacts/archive.ts'
import { refuseBad } from '../assets/body.ts'
import type { Mention } from '../assets/references.ts'
import type { ToolsContext } from '../context.ts'
import {
  jsonBody,
  MANIFEST_PATH,
  type Manifest,
  POLICIES_PATH,
  placeOf,
  readManifest,
} from './manifest.ts'
import type { Draft } from './porter.ts'
import { isPorted, PORTERS } from './porters/porters.ts'

/** What a package has, looked at but not held against what is here. */
export type Contents = {
  readonly manifest: Manifest
  readonly items: readonly Item[]
  readonly policiesText: string
}

/** One asset of a package: either it can be made, or it says why not. */
export type Item = {
  readonly mention: Mention
  readonly draft: Draft | null
  readonly problem: string | null
  /** Its own archive, on the medium but without a name. */
  readonly staged: StagedBlob | null
}

const MANIFEST_BYTES_MAX = 1024 * 1024
/** The definition of an API is the longest of all. */
const CONTENT_BYTES_MAX = 8 * 1024 * 1024
const POLICIES_BYTES_MAX = 4 * 1024 * 1024

/**
 * Reads a package for as long as `use` takes; nothing of it is installed. Archives that `use` does
 * not give a name to are removed.
 *
 * @param path of a file on this machine
 * @throws {ApiError} `archive_invalid`, `package_invalid`, `too_large`, and whatever `use` throws
 */
export async function withPackage<T>(
  tools: ToolsContext,
  path: string,
  use: (contents: Contents) => Promise<T>,
): Promise<T> {
  const staged: StagedBlob[] = []
  try {
    return await withArchive(path, async (archive) => {
      requirePaths(archive, [MANIFEST_PATH, POLICIES_PATH])
      const manifest = readManifest(await archive.text(MANIFEST_PATH, MANIFEST_BYTES_MAX))
      requirePaths(archive, manifest.assets.flatMap(pathsOf))
      const policiesText = await archive.text(POLICIES_PATH, POLICIES_BYTES_MAX)
      const items: Item[] = []
      for (const mention of manifest.assets) {
        const own = await stageArchive(tools, archive, mention)
        if (own) staged.push(own)
        items.push(await readItem({ tools, archive, mention, staged: own }))
      }
      return use({ manifest, items, policiesText })
    })
  } finally {
    for (const one of staged) await tools.blobs.discard(one)
  }
}

function pathsOf(mention: Mention): string[] {
  const { content, archive } = placeOf(mention)
  return hasArchive(mention) ? [content, archive] : [content]
}

function hasArchive({ type }: Mention): boolean {
  return type === 'APIImplementation'
}

/** @throws {ApiError} `package_invalid` */
function requirePaths({ paths }: Archive, wanted: readonly string[]): void {
  const missing = wanted.filter((path) => !paths.has(path))
  if (missing.length === 0) return
  throw new ApiError('package_invalid', `It has no ${missing.slice(0, 5).join(', no ')}.`)
}

async function stageArchive(
  { blobs, uploadBytesMax }: ToolsContext,
  archive: Archive,
  mention: Mention,
): Promise<StagedBlob | null> {
  if (!hasArchive(mention)) return null
  return blobs.stage(await archive.stream(placeOf(mention).archive), uploadBytesMax)
}

type Reading = Pick<Item, 'mention' | 'staged'> & {
  readonly tools: ToolsContext
  readonly archive: Archive
}

async function readItem({ tools, archive, mention, staged }: Reading): Promise<Item> {
  const body = jsonBody(await archive.text(placeOf(mention).content, CONTENT_BYTES_MAX))
  try {
    if (!isPorted(mention.type)) throw new RangeError(`packages have no ${mention.type}`)
    const { name, version } = body.members
    if (name !== mention.name || version !== mention.version) {
      body.problems.push('Its name and version are not those of the manifest.')
    }
    const unpacking = { tools, archivePath: staged?.path ?? null }
    const draft = await PORTERS[mention.type].unpack(body, unpacking)
    refuseBad(body)
    return { mention, staged, draft, problem: null }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { mention, staged, draft: null, problem: error.message }
  }
}
