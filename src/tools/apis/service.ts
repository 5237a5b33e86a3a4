import { randomUUID } from 'node:crypto'
import { ApiError } from '../../errors.ts'
import {
  type NewRecord,
  type StoredRecord,
  WriteConflict,
  type WriteOperation,
} from '../../storage/port.ts'
import type { AssetFields } from '../assets/asset.ts'
import {
  type ChangeOptions,
  creationOperations,
  type Decision,
  retrying,
  unchanged,
} from '../assets/change.ts'
import { createAsset } from '../assets/create.ts'
import { outcomeOf } from '../assets/lifecycle.ts'
import { readOfType } from '../assets/read.ts'
import { updateAsset } from '../assets/update.ts'
import type { VersionFields } from '../assets/versions.ts'
import type { Acting, By } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { requireMatch } from '../http/if-match.ts'
import { IMPLEMENTATIONS, mockName } from '../implementations/implementation.ts'
import { implementationsOf } from '../implementations/read.ts'
import { APIS, type Api, type ApiContent, type ApiMembers } from './api.ts'
import { contentWrite, digestOfLines, NO_CONTENT, readContent } from './content.ts'

type Making = Acting & {
  /** What is written with it, or not at all. */
  readonly also?: readonly WriteOperation[]
}

/**
 * Makes an API, and with it the mock that answers its calls from the beginning.
 *
 * @throws {ApiError} `asset_exists`
 */
export async function createApi(
  tools: ToolsContext,
  fields: AssetFields & ApiMembers,
  { also = [], ...acting }: Making,
): Promise<Api> {
  const { record, alongside } = newApi(fields, { ...acting, at: tools.now() })
  const { actionComment: comment } = fields
  try {
    const operations = [...alongside, ...also]
    return await createAsset(tools, APIS, { ...acting, record, comment, also: operations })
  } catch (error) {
    if (!(error instanceof WriteConflict) || error.reason !== 'claimed') throw error
    const detail = `An implementation ${mockName(fields.name)} ${fields.version} exists already, so the API can have no mock; choose another name or version.`
    throw new ApiError('asset_exists', detail, { cause: error })
  }
}

type NewApi = { readonly record: NewRecord; readonly alongside: readonly WriteOperation[] }

/** The record of an API, and what is written with it: its content and its mock. */
export function newApi(
  fields: AssetFields & ApiMembers,
  by: By,
  {
    id = randomUUID(),
    defaultId,
  }: { readonly id?: string; readonly defaultId?: string | null } = {},
): NewApi {
  const { actionComment: comment, ...content } = fields
  const mock = newMock({ ...fields, id }, by)
  const members = {
    ...{ ...fields, ...NO_CONTENT, defaultImplementationId: defaultId ?? mock.id },
    apiDefnDigest: digestOfLines(fields.apiDefn),
  }
  return {
    record: APIS.newRecord(members, { ...by, id }),
    alongside: [
      contentWrite(id, content, { before: null, at: by.at }),
      ...creationOperations(mock, { action: 'CREATED', comment }, by),
    ],
  }
}

type ApiChange = ChangeOptions & {
  readonly id: string
  readonly changes: Partial<AssetFields> & Partial<ApiMembers>
}

/** Changes a draft. Its mock keeps its name and version, as long as nobody gave it others. */
export function changeApi(
  tools: ToolsContext,
  { id, changes, ...options }: ApiChange,
): Promise<Api> {
  const { apiDefn, businessObjectsDefn, icon, ...others } = changes
  const sent = definedOf({ apiDefn, businessObjectsDefn, icon })
  return updateAsset(tools, APIS, {
    ...{ ...options, id },
    changes: {
      ...others,
      ...(apiDefn !== undefined && { apiDefnDigest: digestOfLines(apiDefn) }),
    },
    more: async (before) => ({
      ...(await mockAlong(tools, before, changes)),
      writes: Object.keys(sent).length > 0 ? [await contentChange(tools, before.id, sent)] : [],
    }),
  })
}

/**
 * Copies an API to a draft of another version, with its definition and a mock of its own; other
 * implementations stay with the original.
 */
export function copyApi(
  tools: ToolsContext,
  {
    id,
    ifMatch = null,
    version,
    comment,
    ...acting
  }: ChangeOptions & VersionFields & { readonly id: string },
): Promise<Api> {
  return retrying(async () => {
    const original = await readOfType(tools, APIS, id)
    requireMatch(ifMatch, String(original.version))
    const api = APIS.read(original)
    outcomeOf(api, 'copyToVersion')
    const { content } = await readContent(tools, api.id)
    const { name, title, desc, max, basePath, security, hasBusinessObjects, category } = api
    const fields = {
      ...{ name, version, title, desc, max, actionComment: comment, basePath, security },
      ...{ hasBusinessObjects, category, apiDefnDigest: null, defaultImplementationId: null },
      ...content,
    }
    return createApi(tools, fields, { ...acting, also: [unchanged(original)] })
  })
}

function newMock(
  { id, name, version }: Pick<Api, 'id' | 'name' | 'version'>,
  made: { readonly actor: string; readonly at: number },
): NewRecord {
  const shared = { title: null, desc: null, max: false, actionComment: null }
  const members = { artifactId: null, main: null, node: null, needs: [], upstreamUrl: null }
  return IMPLEMENTATIONS.newRecord(
    { ...shared, ...members, name: mockName(name), version, apiId: id, mock: true, default: false },
    made,
  )
}

async function mockAlong(
  tools: ToolsContext,
  before: StoredRecord,
  { name, version }: Partial<AssetFields>,
): Promise<Pick<Decision, 'also'>> {
  const api = APIS.read(before)
  const [now, next] = [
    { name: mockName(api.name), version: api.version },
    { name: mockName(name ?? api.name), version: version ?? api.version },
  ]
  if (now.name === next.name && now.version === next.version) return {}
  const mock = (await implementationsOf(tools, api.id)).find((record) => {
    const one = IMPLEMENTATIONS.read(record)
    return one.mock && !one.published && one.name === now.name && one.version === now.version
  })
  return mock
    ? { also: [{ before: mock, data: next, happenings: [{ action: 'RENUMBERED' }] }] }
    : {}
}

async function contentChange(
  tools: ToolsContext,
  apiId: string,
  sent: Partial<ApiContent>,
): Promise<WriteOperation> {
  const { content, record } = await readContent(tools, apiId)
  return contentWrite(apiId, { ...content, ...sent }, { before: record, at: tools.now() })
}

function definedOf<T extends object>(members: T): Partial<T> {
  const given = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as Partial<T>
}
