import type { Asset } from '../assets/asset.ts'
import { type Body, objectMember, textMember, textsMember } from '../assets/body.ts'
import { ROLE } from '../assets/fields.ts'
import { type AssetKind, assetKind } from '../assets/kind.ts'
import { flag, type Member, optionalText, ours } from '../assets/members.ts'
import { type FilterTypes, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'
import { quoted } from '../problems.ts'

export const CUSTOM_NAMESPACE = 'custom'

/** Where apps reach custom APIs. */
const CUSTOM_BASE = '/mobile/custom'

const LOGIN_TYPES = ['ENTERPRISE', 'IDENTITYPROVIDER'] as const

/** Who may call. Without any, everyone may who has the keys of a backend. */
type Security = {
  /** By whom users must be known: the server itself, or a provider of identities. */
  readonly type: (typeof LOGIN_TYPES)[number]
  /** Users need one of these; of none, it is enough to be logged in. */
  readonly roles: readonly string[]
}

export type ApiMembers = ApiContent & {
  readonly basePath: string
  readonly security: Security | null
  readonly hasBusinessObjects: boolean
  readonly category: 'CUSTOM'
  /** SHA-256 of the definition's text; `null` when there is none. */
  readonly apiDefnDigest: string | null
  /** The implementation that takes calls: see docs/adr/0009-custom-apis.md. */
  readonly defaultImplementationId: string | null
}

/** What is kept in a record of its own. */
export type ApiContent = {
  /** The lines of the definition: RAML or OpenAPI. */
  readonly apiDefn: readonly string[] | null
  readonly businessObjectsDefn: string | null
  /** A picture for the catalogue, in whatever form. */
  readonly icon: Readonly<Record<string, unknown>> | null
}

export type Api = Asset & ApiMembers

/** In characters, line ends included. */
const DEFINITION_MAX = 512 * 1024
const ICON_MAX = 64 * 1024

const TEXT = ['string', 'null']

const basePath: Member<string> = {
  read: (body, name) => {
    const sent = textMember(body, name, { charactersMax: 200 })
    const path = basePathOf(String(body.members.name))
    if (sent !== null && sent !== path) {
      body.problems.push(`'basePath' ends with the name of the API: ${path}, not ${quoted(sent)}.`)
    }
    // It follows from the name, so there is nothing to keep.
    return null
  },
  absent: '',
  schema: { type: 'string' },
}

const security: Member<Security | null> = {
  read: (body, name) => {
    const given = objectMember(body, name)
    if (!given) return null
    const roles = textsMember(given, 'roles', ROLE) ?? []
    const type = LOGIN_TYPES.find((one) => one === given.members.type)
    if (type) return { type, roles }
    body.problems.push(`'security' must have a 'type', one of ${LOGIN_TYPES.join(', ')}.`)
    return null
  },
  absent: null,
  schema: {
    type: ['object', 'null'],
    properties: {
      type: { enum: LOGIN_TYPES },
      roles: { type: 'array', items: { type: 'string' } },
    },
    required: ['type'],
  },
}

const apiDefn: Member<readonly string[] | null> = {
  read: readLines,
  absent: null,
  onlyAlone: true,
  schema: { type: ['array', 'null'], items: { type: 'string' } },
}

const icon: Member<ApiContent['icon']> = {
  read: (body, name) => {
    const given = objectMember(body, name)
    if (given && JSON.stringify(given.members).length > ICON_MAX) {
      body.problems.push(`'icon' must have at most ${ICON_MAX} characters as JSON.`)
    }
    return given?.members ?? null
  },
  absent: null,
  onlyAlone: true,
  schema: { type: ['object', 'null'] },
}

const FILTERS: FilterTypes<Api> = {
  ...PUBLICATION_FILTERS,
  ...TRASH_FILTERS,
  ENTERPRISE: { axis: 'login', holds: (api) => api.security?.type === 'ENTERPRISE' },
  IDENTITYPROVIDER: { axis: 'login', holds: (api) => api.security?.type === 'IDENTITYPROVIDER' },
  BO_INCLUDE: { axis: 'businessObjects', holds: () => true },
  BO_EXCLUDE: { axis: 'businessObjects', holds: (api) => !api.hasBusinessObjects },
  BO_ONLY: { axis: 'businessObjects', holds: (api) => api.hasBusinessObjects },
}

export const APIS: AssetKind<ApiMembers> = assetKind({
  name: 'API',
  what: 'API',
  recordType: 'customApi',
  group: 'apis',
  namespace: CUSTOM_NAMESPACE,
  filterTypes: FILTERS,
  filterDefaults: ['BO_INCLUDE'],
  members: {
    basePath,
    security,
    hasBusinessObjects: flag(false),
    category: ours('CUSTOM', { enum: ['CUSTOM'] }),
    apiDefnDigest: ours<string | null>(null, { type: TEXT }),
    defaultImplementationId: ours<string | null>(null, { type: TEXT }),
    apiDefn,
    businessObjectsDefn: { ...optionalText({ charactersMax: 262_144 }), onlyAlone: true },
    icon,
  },
  references: ({ defaultImplementationId: id, security: login }) => ({
    ids: id === null ? [] : [id],
    roles: login?.roles ?? [],
  }),
  presentOwn: (api) => ({
    basePath: basePathOf(api.name),
    security: api.security,
    hasBusinessObjects: api.hasBusinessObjects,
    category: api.category,
    apiDefnDigest: api.apiDefnDigest,
    defaultImplementationId: api.defaultImplementationId,
  }),
  ownLinks: ['implementations', 'scaffold'],
})

export function basePathOf(name: string): string {
  return `${CUSTOM_BASE}/${name}`
}

/** The lines of a text; text in one piece is taken as well. An empty one is none. */
function readLines(body: Body, name: string): readonly string[] | null {
  const value = body.members[name] ?? null
  if (value === null) return null
  const lines = typeof value === 'string' ? value.split(/\r?\n/) : value
  if (!isTexts(lines)) {
    body.problems.push(`${quoted(name)} must be a list of texts, one for each line.`)
    return null
  }
  const text = lines.join('\n')
  if (text.length > DEFINITION_MAX) {
    body.problems.push(`${quoted(name)} must have at most ${DEFINITION_MAX} characters.`)
  }
  if (/[\0\p{Surrogate}]/u.test(text)) {
    body.problems.push(`${quoted(name)} must not contain NUL or half a surrogate pair.`)
  }
  return text.trim() === '' ? null : lines
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
