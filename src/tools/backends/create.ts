import { randomUUID } from 'node:crypto'
import { BACKEND_TYPE, INSTANCE } from '../../engine/backend.ts'
import { clientId as newClientId, sessionToken } from '../../lib/ids.ts'
import type { NewRecord } from '../../storage/port.ts'
import type { AnalyticsAppFields } from '../analytics/app.ts'
import { type AssetFields, draftData, newAssetRecord } from '../assets/asset.ts'
import {
  type Body,
  bodyOf,
  flagMember,
  objectMember,
  refuseBad,
  textMember,
  textsMember,
} from '../assets/body.ts'
import { createAsset } from '../assets/create.ts'
import { DEFAULT_VERSION, ROLE, readAssetFields } from '../assets/fields.ts'
import { referenceKeys } from '../assets/references.ts'
import { type Actor, byOf } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import {
  type BackendAsset,
  type BackendData,
  type BackendHidden,
  backendClaims,
  type IdentityProvider,
  type RoleAccess,
} from './backend.ts'
import { BACKENDS } from './type.ts'

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

const ANALYTICS_APP = { charactersMax: 255 }

/** The one provider that every backend has from the start. */
const FACEBOOK = { name: 'facebook', enabled: false, credential: null }

/**
 * @param defaultVersion what a policy says
 * @throws {ApiError} `param_invalid`, naming every member that is wrong
 */
export function readBackendFields(json: unknown, defaultVersion: string): BackendFields {
  const body = bodyOf(json)
  const roleAccess = objectMember(body, 'roleAccess')
  // Requests say `basic` where replies say `basicAuth`; clients send back what they read.
  const basic = flagMember(body, 'basic')
  const basicAuth = flagMember(body, 'basicAuth')
  const fields = {
    ...readAssetFields(body, defaultVersion),
    oauth: flagMember(body, 'oauth') ?? BACKEND_DEFAULTS.oauth,
    basicAuth: basic ?? basicAuth ?? BACKEND_DEFAULTS.basicAuth,
    roleAccess: {
      enabled: roleAccess ? (flagMember(roleAccess, 'enabled') ?? false) : false,
      roles: roleAccess ? (textsMember(roleAccess, 'roles', ROLE) ?? []) : [],
    },
    analyticsAppGuid: textMember(body, 'analyticsAppGuid', ANALYTICS_APP),
  }
  analyticsWish(body)
  refuseBad(body)
  return fields
}

/** The analytics app that is to be made with a backend. Without a name, a time zone says nothing. */
export function analyticsWish(body: Body): AnalyticsAppFields | null {
  const name = textMember(body, 'analyticsAppName', ANALYTICS_APP)
  const timeZone = textMember(body, 'analyticsAppTimeZone', ANALYTICS_APP) ?? 'UTC'
  return name === null || name.trim() === '' ? null : { name, timeZone }
}

/**
 * Makes a draft backend with both sets of keys, whether their doors are open or not.
 *
 * @throws {ApiError} `asset_exists` when a live backend has this name and version
 */
export function createBackend(
  tools: ToolsContext,
  fields: BackendFields,
  actor: Actor,
): Promise<BackendAsset> {
  const by = byOf(actor, tools.now())
  const record = newBackendRecord(fields, by)
  return createAsset(tools, BACKENDS, { ...by, record, comment: fields.actionComment })
}

type Made = { readonly actor: string; readonly at: number; readonly id?: string }

/** What a copy takes over besides its fields. */
type TakenOver = Partial<
  Pick<BackendHidden, 'settings'> & Pick<BackendAsset, 'apiIds' | 'collectionIds' | 'appPolicies'>
> & {
  readonly identityProviders?: readonly Omit<IdentityProvider, 'id'>[]
}

/** The record of a draft, with keys of its own. */
export function newBackendRecord(
  fields: BackendFields,
  { actor, at, id = randomUUID() }: Made,
  { identityProviders, settings = {}, ...taken }: TakenOver = {},
): NewRecord {
  const { apiIds = [], collectionIds = [], appPolicies = {} } = taken
  const own: BackendData = {
    oauth: fields.oauth,
    basicAuth: fields.basicAuth,
    clientId: newClientId(),
    basicAuthBackendId: randomUUID(),
    identityProviders: (identityProviders ?? [FACEBOOK]).map((one) => ({
      id: newClientId(),
      ...one,
    })),
    roleAccess: fields.roleAccess,
    analyticsAppGuid: fields.analyticsAppGuid,
    targetBackendId: null,
    apiIds,
    collectionIds,
    appPolicies,
  }
  const { name, version, title, desc, max, actionComment } = fields
  const draft = draftData({ name, version, title, desc, max, actionComment }, actor, at)
  const hidden: BackendHidden = {
    clientSecret: randomUUID(),
    anonymousKey: newAnonymousKey(),
    settings,
  }
  return newAssetRecord(
    {
      backendId: INSTANCE,
      type: BACKEND_TYPE,
      id,
      data: JSON.stringify({ ...draft, ...own }),
      hidden: JSON.stringify(hidden),
      claims: backendClaims({ ...draft, ...own }),
      keys: referenceKeys({ ids: [...apiIds, ...collectionIds] }),
    },
    at,
  )
}

/** Clients paste it behind `Basic ` as it is, so it must decode to `user:password`. */
export function newAnonymousKey(): string {
  return Buffer.from(`anonymous:${sessionToken()}`).toString('base64')
}
