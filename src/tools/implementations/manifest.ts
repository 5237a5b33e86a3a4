import { ApiError } from '../../errors.ts'
import { VERSION } from '../assets/fields.ts'
import { quoted } from '../problems.ts'
import type { Needed } from './implementation.ts'

/** What the `package.json` of an archive says. */
export type Manifest = {
  readonly name: string
  readonly version: string
  readonly desc: string | null
  /** A path in the archive, as it was written. */
  readonly main: string
  readonly node: string | null
  readonly needs: readonly Needed[]
}

const NEEDS_MAX = 200

/**
 * Reads a `package.json`. Names of packages may have characters that names of assets may not: they
 * become underscores.
 *
 * @throws {ApiError} `archive_invalid`, with all that is wrong
 */
export function readManifest(text: string): Manifest {
  const json = jsonOf(text)
  const problems: string[] = []
  const mobile = objectIn(json, 'oracleMobile', problems)
  const dependencies = objectIn(mobile, 'dependencies', problems)
  const manifest = {
    name: nameIn(json.name, problems),
    version: versionIn(json.version, problems),
    desc: descIn(json.description),
    main: mainIn(json.main, problems),
    node: nodeIn(objectIn(mobile, 'configuration', problems).node, problems),
    needs: [
      ...needsIn(dependencies, 'apis', problems),
      ...needsIn(dependencies, 'connectors', problems),
    ],
  }
  if (manifest.needs.length > NEEDS_MAX) problems.push(`It needs more than ${NEEDS_MAX} others.`)
  if (problems.length > 0) throw invalid(problems.slice(0, 10).join(' '))
  return manifest
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    // Some editors on Windows put a mark in front.
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (isObject(value)) return value
  } catch {
    // Told below.
  }
  throw invalid('It is no JSON object.')
}

function nameIn(value: unknown, problems: string[]): string {
  const name = String(value)
    .replace(/^@/, '')
    .replace(/[^A-Za-z0-9_]/g, '_')
  if (typeof value === 'string' && /^[A-Za-z]\w{0,99}$/.test(name)) return name
  problems.push("'name' must begin with a letter and have at most 100 characters.")
  return ''
}

function versionIn(value: unknown, problems: string[]): string {
  const version = String(value).replace(/[^\w.]/g, '_')
  const fits = version.length <= VERSION.charactersMax && VERSION.pattern.test(version)
  if (typeof value === 'string' && fits) return version
  problems.push("'version' must be text such as 1.0.")
  return ''
}

/** As much of it as the description of an asset may have. */
function descIn(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = value.toWellFormed().replaceAll('\0', '').trim()
  return text === '' ? null : [...text].slice(0, 100).join('')
}

function mainIn(value: unknown, problems: string[]): string {
  if (value === undefined) return 'index.js'
  const isPath = typeof value === 'string' && /^(?:\.\/)?[^\0\\/]/.test(value)
  const isInside = isPath && !value.split('/').includes('..') && value.length <= 500
  if (isInside) return value.replace(/^\.\//, '')
  problems.push("'main' must be the path of a script in the archive.")
  return ''
}

function nodeIn(value: unknown, problems: string[]): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' && /^[\w.^~<>=| -]{1,40}$/.test(value)) return value
  problems.push("'oracleMobile.configuration.node' must be a version of Node, as text.")
  return null
}

/** `{"/mobile/custom/orders": "1.0"}`. What belongs to the platform itself is always there. */
function needsIn(
  dependencies: Record<string, unknown>,
  kind: 'apis' | 'connectors',
  problems: string[],
): Needed[] {
  const wanted = kind === 'apis' ? 'custom' : 'connector'
  return Object.entries(objectIn(dependencies, kind, problems)).flatMap(([path, version]) => {
    const [, namespace, name] = /^\/mobile\/(\w+)\/(\w{1,100})\/?$/.exec(path) ?? []
    if (namespace === 'platform' || namespace === 'system') return []
    const isVersion = typeof version === 'string' && VERSION.pattern.test(version)
    if (namespace === wanted && name !== undefined && isVersion) {
      return [{ name: `${wanted}/${name}`, version }]
    }
    problems.push(`${quoted(path)} in '${kind}' must be /mobile/${wanted}/NAME with a version.`)
    return []
  })
}

function objectIn(
  parent: Record<string, unknown>,
  name: string,
  problems: string[],
): Record<string, unknown> {
  const value = Object.hasOwn(parent, name) ? parent[name] : undefined
  if (value === undefined || value === null) return {}
  if (isObject(value)) return value
  problems.push(`${quoted(name)} must be an object.`)
  return {}
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(detail: string): ApiError {
  return new ApiError('archive_invalid', `package.json: ${detail}`)
}
