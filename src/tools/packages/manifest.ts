import { ApiError } from '../../errors.ts'
import type { AssetFields } from '../assets/asset.ts'
import {
  type Body,
  bodyOf,
  objectMember,
  objectsMember,
  requiredTextMember,
  textMember,
} from '../assets/body.ts'
import { readAssetFields } from '../assets/fields.ts'
import { type Mention, mentionText } from '../assets/references.ts'
import { type AssetTypeName, assetTypeNamed } from '../assets/types.ts'
import { type Problems, quoted } from '../problems.ts'
import { mentionIn } from './porter.ts'
import { isPorted } from './porters/porters.ts'

export const MANIFEST_PATH = 'manifest.json'
export const POLICIES_PATH = 'policies.json'
export const README_PATH = 'README.md'

/** Assets in one package: all of them are written at once. */
export const ASSETS_MAX = 500

const FORMAT = 'homeport-package'
const FORMAT_VERSION = 1

const TYPE = { charactersMax: 40 }

/** What is said of a package itself. */
export type PackageFields = Pick<AssetFields, 'name' | 'version' | 'title' | 'desc'>

/** What a package says of itself, and which assets it has. */
export type Manifest = {
  readonly package: PackageFields
  readonly assets: readonly Mention[]
}

/** Where a package has the members of an asset, and the file of one that has one. */
export function placeOf(mention: Mention): { readonly content: string; readonly archive: string } {
  const group = assetTypeNamed(mention.type)?.group ?? ''
  const place = `${group}/${mention.name}-${mention.version}`
  return { content: `${place}.json`, archive: `${place}.zip` }
}

export function manifestText({ package: fields, assets }: Manifest, exportedAt: number): string {
  const manifest = {
    ...{ format: FORMAT, formatVersion: FORMAT_VERSION },
    exportedOn: new Date(exportedAt).toISOString(),
    package: fields,
    assets,
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** @throws {ApiError} `package_invalid`, with all that is wrong */
export function readManifest(text: string): Manifest {
  const body = jsonBody(text)
  const problems: Problems = body.problems
  if (body.members.format !== FORMAT) problems.push(`'format' must be ${FORMAT}.`)
  if (body.members.formatVersion !== FORMAT_VERSION) {
    problems.push(`'formatVersion' must be ${FORMAT_VERSION}, which this server knows.`)
  }
  const given = objectMember(body, 'package')
  if (!given) problems.push("'package' is required.")
  const { name, version, title, desc } = readAssetFields(given ?? { members: {}, problems }, '1.0')
  const assets = objectsMember(body, 'assets').map(readEntry)
  const isMany = assets.length > ASSETS_MAX
  if (isMany || assets.length === 0) problems.push(`It must have from 1 to ${ASSETS_MAX} assets.`)
  if (new Set(assets.map(mentionText)).size < assets.length) problems.push('It has an asset twice.')
  if (problems.length > 0) throw invalid(problems.slice(0, 10).join(' '))
  return { package: { name, version, title, desc }, assets }
}

function readEntry(body: Body): Mention {
  const type = requiredTextMember(body, 'type', TYPE)
  if (!isPorted(type)) body.problems.push(`${quoted(type)} is not a type that packages have.`)
  const mention = mentionIn(body, type as AssetTypeName)
  const namespace = textMember(body, 'namespace', TYPE)
  if (namespace !== mention.namespace) {
    body.problems.push(`${quoted(namespace ?? 'null')} is not the namespace of the type ${type}.`)
  }
  return mention
}

/** @throws {ApiError} `package_invalid` */
export function jsonBody(text: string): Body {
  try {
    return bodyOf(JSON.parse(text))
  } catch (cause) {
    throw new ApiError('package_invalid', `${MANIFEST_PATH}: It is no JSON object.`, { cause })
  }
}

function invalid(detail: string): ApiError {
  return new ApiError('package_invalid', `${MANIFEST_PATH}: ${detail}`)
}
