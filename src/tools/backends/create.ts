import { randomUUID } from 'node:crypto'
import { BACKEND_TYPE, INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { clientId as newClientId, sessionToken } from '../../lib/ids.ts'
import { type NewRecord, WriteConflict } from '../../storage/port.ts'
import { type AssetFields, draftData, newAssetRecord } from '../assets/asset.ts'
import {
  bodyOf,
  flagMember,
  objectMember,
  refuseBad,
  textMember,
  textsMember,
} from '../assets/body.ts'
import { DEFAULT_VERSION, readAssetFields } from '../assets/fields.ts'
import type { ToolsContext } from '../context.ts'
import {
  type BackendAsset,
  type BackendData,
  type BackendHidden,
  backendAssetOf,
  backendClaims,
  type RoleAccess,
} from './backend.ts'

export type BackendFields = AssetFields & {
  readonly oauth: boolean
  readonly basicAuth: boolean
  readonly roleAccess: RoleAccess
  readonly analyticsAppGuid: string | null
}

/** What a backend has when nothing is said of it but its name. */
export const BACKEND_DEFAULTS: Omit<BackendFields, 'name'> = {
  version: DEFAULT_VERSION,
  title: null,
  desc: null,
  max: false,
  actionComment: null,
  oauth: true,
  basicAuth: true,
  roleAccess: { enabled: false, roles: [] },
  analyticsAppGuid: null,
}

const ROLE = { charactersMax: 100 }
const ANALYTICS_APP = { charactersMax: 255 }

/** @throws {ApiError} `param_invalid`, naming every member that is wrong */
export function readBackendFields(json: unknown): BackendFields {
  const body = bodyOf(json)
  const roleAccess = objectMember(body, 'roleAccess')
  // Requests say `basic` where replies say `basicAuth`; clients send back what they read.
  const basic = flagMember(body, 'basic')
  const basicAuth = flagMember(body, 'basicAuth')
  const fields = {
    ...readAssetFields(body),
    oauth: flagMember(body, 'oauth') ?? BACKEND_DEFAULTS.oauth,
    basicAuth: basic ?? basicAuth ?? BACKEND_DEFAULTS.basicAuth,
    roleAccess: {
      enabled: roleAccess ? (flagMember(roleAccess, 'enabled') ?? false) : false,
      roles: roleAccess ? (textsMember(roleAccess, 'roles', ROLE) ?? []) : [],
    },
    analyticsAppGuid: textMember(body, 'analyticsAppGuid', ANALYTICS_APP),
  }
  // No analytics app is made here, and the backend is then made without one, as documented.
  textMember(body, 'analyticsAppName', ANALYTICS_APP)
  textMember(body, 'analyticsAppTimeZone', ANALYTICS_APP)
  refuseBad(body)
  return fields
}

/**
 * Makes a draft backend with both sets of keys, whether their doors are open or not.
 *
 * @param actor the team member's name
 * @throws {ApiError} `asset_exists` when a live backend has this name and version
 */
export async function createBackend(
  tools: ToolsContext,
  fields: BackendFields,
  actor: string,
): Promise<BackendAsset> {
  const at = tools.now()
  const record = newBackendRecord(fields, actor, at)
  try {
    await tools.store.write({ operations: [{ op: 'insert', record }], actor, at })
  } catch (error) {
    if (!(error instanceof WriteConflict && error.scope === `${BACKEND_TYPE}.name`)) throw error
    throw new ApiError(
      'asset_exists',
      `A backend ${fields.name} with version ${fields.version} exists already; choose another version.`,
      { cause: error },
    )
  }
  return backendAssetOf({ ...record, version: 1 })
}

function newBackendRecord(fields: BackendFields, actor: string, nowMs: number): NewRecord {
  const own: BackendData = {
    oauth: fields.oauth,
    basicAuth: fields.basicAuth,
    clientId: newClientId(),
    basicAuthBackendId: randomUUID(),
    identityProviders: [{ id: newClientId(), name: 'facebook', enabled: false, credential: null }],
    roleAccess: fields.roleAccess,
    analyticsAppGuid: fields.analyticsAppGuid,
  }
  const { name, version, title, desc, max, actionComment } = fields
  const draft = draftData({ name, version, title, desc, max, actionComment }, actor, nowMs)
  const hidden: BackendHidden = {
    clientSecret: randomUUID(),
    anonymousKey: newAnonymousKey(),
    settings: {},
  }
  return newAssetRecord(
    {
      backendId: INSTANCE,
      type: BACKEND_TYPE,
      id: randomUUID(),
      data: JSON.stringify({ ...draft, ...own }),
      hidden: JSON.stringify(hidden),
      claims: backendClaims({ ...draft, ...own }),
    },
    nowMs,
  )
}

/** Clients paste it behind `Basic ` as it is, so it must decode to `user:password`. */
function newAnonymousKey(): string {
  return Buffer.from(`anonymous:${sessionToken()}`).toString('base64')
}
