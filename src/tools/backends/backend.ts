import {
  type AppPolicies,
  BACKEND_TYPE,
  basicAuthClaim,
  clientIdClaim,
} from '../../engine/backend.ts'
import { Secret } from '../../lib/secret.ts'
import type { Claim, StoredRecord } from '../../storage/port.ts'
import { type Asset, assetOf, batchLinks, type Link, presentAsset } from '../assets/asset.ts'
import { nameClaim } from '../assets/fields.ts'
import { toolsPath } from '../http/paths.ts'

export type IdentityProvider = {
  /** 32 hex digits. */
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  /** The name of the key that holds the provider's secret; never the secret. */
  readonly credential: { readonly key: string } | null
}

export type RoleAccess = { readonly enabled: boolean; readonly roles: readonly string[] }

/** A mobile backend as the team sees it. */
export type BackendAsset = Asset & {
  readonly oauth: boolean
  readonly basicAuth: boolean
  readonly clientId: string | null
  readonly clientSecret: Secret | null
  readonly basicAuthBackendId: string | null
  /** What goes behind `Basic ` in a call by nobody in particular. */
  readonly anonymousKey: Secret | null
  readonly identityProviders: readonly IdentityProvider[]
  readonly roleAccess: RoleAccess
  readonly analyticsAppGuid: string | null
  /** The backend that calls are rerouted to. */
  readonly targetBackendId: string | null
  /** The APIs and storage collections that its apps reach. */
  readonly apiIds: readonly string[]
  readonly collectionIds: readonly string[]
  /** Named values that its apps read at run time. */
  readonly appPolicies: AppPolicies
}

/** The members of `data` that only backends have; `engine/backend.ts` reads some of them. */
export type BackendData = Omit<BackendAsset, keyof Asset | 'clientSecret' | 'anonymousKey'>

/** What never goes out as it is. */
export type BackendHidden = {
  readonly clientSecret: string | null
  readonly anonymousKey: string | null
  /** What the owner set of the data API; the rest takes its defaults. */
  readonly settings: Readonly<Record<string, unknown>>
}

export function backendAssetOf(record: StoredRecord): BackendAsset {
  const data = JSON.parse(record.data) as BackendData
  const { clientSecret, anonymousKey } = hiddenOf(record)
  return {
    ...assetOf(record),
    oauth: data.oauth,
    basicAuth: data.basicAuth,
    clientId: data.clientId,
    clientSecret: clientSecret === null ? null : new Secret(clientSecret),
    basicAuthBackendId: data.basicAuthBackendId,
    anonymousKey: anonymousKey === null ? null : new Secret(anonymousKey),
    identityProviders: data.identityProviders,
    roleAccess: data.roleAccess,
    analyticsAppGuid: data.analyticsAppGuid,
    // Backends made before there was such a thing have no such member.
    targetBackendId: data.targetBackendId ?? null,
    apiIds: data.apiIds ?? [],
    collectionIds: data.collectionIds ?? [],
    appPolicies: data.appPolicies ?? {},
  }
}

export function hiddenOf(record: StoredRecord): BackendHidden {
  return JSON.parse(record.hidden ?? '{}') as BackendHidden
}

/**
 * The names that a backend holds alone. Its keys stay its own in the trash, where they open nothing;
 * its name and version do not.
 */
export function backendClaims(
  backend: Pick<BackendAsset, 'name' | 'version' | 'inTrash' | 'clientId' | 'basicAuthBackendId'>,
): Claim[] {
  const { clientId, basicAuthBackendId } = backend
  return [
    ...(backend.inTrash ? [] : [nameClaim(BACKEND_TYPE, backend)]),
    ...(clientId === null ? [] : [clientIdClaim(clientId)]),
    ...(basicAuthBackendId === null ? [] : [basicAuthClaim(basicAuthBackendId)]),
  ]
}

/** A backend as lists show it, in the order of the published example. */
export function presentBackend(backend: BackendAsset) {
  return {
    ...presentAsset(backend, backendLinks(backend.id)),
    clientId: backend.clientId,
    clientSecret: backend.clientSecret?.reveal() ?? null,
    basicAuthBackendId: backend.basicAuthBackendId,
    oauth: backend.oauth,
    basicAuth: backend.basicAuth,
    identityProviders: backend.identityProviders,
    inactive: backend.inactive,
    roleAccess: backend.roleAccess,
  }
}

/** Where calls are rerouted to, or why that cannot be. */
export type Target = {
  readonly targetBackend: Pick<Asset, 'id' | 'name' | 'namespace' | 'version'> | null
  readonly targetBackendError: string | null
}

/** A backend by itself: some members more than in a list. */
export function presentSingleBackend(backend: BackendAsset, target: Target) {
  return { ...presentBackend(backend), analyticsAppGuid: backend.analyticsAppGuid, ...target }
}

/** All that exists around a backend, in the order of the published example, whatever its state. */
export function backendLinks(id: string): Link[] {
  const own = (rel: string, ...parts: string[]): Link => ({
    rel,
    href: toolsPath('mobilebackends', id, ...parts),
  })
  return [
    own('canonical'),
    ...batchLinks(),
    own('dependencies', 'dependencies'),
    own('history', 'history'),
    own('publication', 'publication'),
    own('reverseDependencies', 'reverseDependencies'),
    // The notification service owns this one: hence its odd address.
    {
      rel: 'notifications',
      href: toolsPath('notifications', 'mobilebackends', id, 'notifications'),
    },
    own('apis', 'apis'),
    own('collections', 'collections'),
    own('basicAuthentication', 'security', 'basic'),
    own('basicAuthenticationKeys', 'security', 'basic', 'keys'),
    own('identityProviders', 'security', 'identityproviders'),
    own('oauthKeys', 'security', 'oauth', 'keys'),
  ]
}
