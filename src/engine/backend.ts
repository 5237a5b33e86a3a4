import { Secret } from '../lib/secret.ts'
import type { Claim, StoredRecord } from '../storage/port.ts'

/**
 * The tenant of everything that belongs to the installation and not to one backend: the backends
 * themselves, team members, tokens. No data API call can name it.
 */
export const INSTANCE = 'homeport'

/** The record type of a mobile backend, in the tenant {@link INSTANCE}. */
export const BACKEND_TYPE = 'mobilebackend'

/** What an owner may set about the data API of a backend. Absent members take these defaults. */
export const DEFAULT_SETTINGS = {
  /** The service release under which the app was made; it decides paging, depth, photo sizes. */
  mbsRelease: '1.6.5',
  /** Sessions end after being unused for so many days. */
  sessionIdleDays: 90,
  /** New users must confirm their e-mail address before they can log in. */
  newUserVerification: false,
  /** Anyone with the key may create users; otherwise only application administrators. */
  allowUserCreation: true,
  /** Friendship needs consent of both; otherwise it is following. */
  friendsTwoWay: true,
  /** Largest `per_page`. */
  perPageMax: 100,
  /** GET on calls that delete, for clients that know no other verb. Unsafe with cookies. */
  deleteByGet: false,
  /** Sender of mails, and the SMTP server if it is not the installation's. */
  mailFrom: null as string | null,
  smtpUrl: null as string | null,
  /** Mails go to the test address instead of to their recipients, or nowhere when there is none. */
  mailTestMode: false,
  mailTestAddress: null as string | null,
  /** Mails from templates that clients may have sent in an hour, one for each recipient. */
  templateMailsPerHour: 500,
  /** The Facebook app whose tokens log users in; without one, none do. */
  facebookAppId: null as string | null,
  /** Types of external accounts that are believed without proof: whoever knows an id gets in. */
  trustedAccountTypes: [] as readonly string[],
  /** Push notifications that clients may send in an hour; administrators may send any number. */
  pushesPerHour: 10_000,
  /** Only application administrators may push to devices by their tokens. */
  notifyTokensAdminOnly: false,
  /** Only application administrators may set a user's role; see {@link guardsRoles}. */
  rolesAdminOnly: false,
}

export type BackendSettings = Readonly<typeof DEFAULT_SETTINGS>

/** A mobile backend of the Hub, which is an app of MBS: one tenant, its keys shared by both. */
export type Backend = {
  /** UUID: the tenant of all its data. */
  readonly id: string
  readonly name: string
  readonly version: string
  readonly title: string | null
  readonly published: boolean
  readonly inTrash: boolean
  readonly inactive: boolean
  /** The OAuth door: two-legged OAuth 1.0 and bearer tokens. */
  readonly oauth: boolean
  /** The plain door: the App Key alone, and HTTP Basic. */
  readonly basicAuth: boolean
  /** Also the App Key and the OAuth consumer key; `null` when revoked. */
  readonly clientId: string | null
  readonly clientSecret: Secret | null
  readonly basicAuthBackendId: string | null
  /** What goes behind `Basic ` in a call by nobody in particular. */
  readonly anonymousKey: Secret | null
  /** With it switched on, users need one of the roles to use anything of the backend. */
  readonly roleAccess: { readonly enabled: boolean; readonly roles: readonly string[] }
  /** The names of the identity providers that are switched on. */
  readonly identityProviders: readonly string[]
  /** The backend that its calls are rerouted to; see `effective-backend.ts`. */
  readonly targetBackendId: string | null
  /** Where its apps' events are counted, unless a policy names another analytics app. */
  readonly analyticsAppGuid: string | null
  /** The APIs and storage collections that its apps reach. */
  readonly apiIds: readonly string[]
  readonly collectionIds: readonly string[]
  /** Named values that its apps read at run time. */
  readonly appPolicies: AppPolicies
  readonly settings: BackendSettings
}

export type AppPolicies = Readonly<Record<string, string | number | boolean>>

/**
 * Whether users cannot give roles to themselves. Only then do the roles that they have mean
 * anything; in the data API of old, `role` is a member like any other.
 */
export function guardsRoles({ roleAccess, settings }: Backend): boolean {
  return roleAccess.enabled || settings.rolesAdminOnly
}

/** The claim by which a call with an App Key finds its backend. */
export function clientIdClaim(clientId: string): Claim {
  return { scope: `${BACKEND_TYPE}.clientId`, value: clientId }
}

/** The claim by which a call with `Oracle-Mobile-Backend-ID` finds its backend. */
export function basicAuthClaim(basicAuthBackendId: string): Claim {
  return { scope: `${BACKEND_TYPE}.basicAuthBackendId`, value: basicAuthBackendId }
}

/** Reads the record that `tools/backends` writes. */
export function backendOf(record: StoredRecord): Backend {
  const data = JSON.parse(record.data) as Record<string, unknown>
  const hidden = JSON.parse(record.hidden ?? '{}') as Record<string, unknown>
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  const secret = (value: unknown) => (typeof value === 'string' ? new Secret(value) : null)
  return {
    id: record.id,
    name: String(data.name),
    version: String(data.version),
    title: text(data.title),
    published: data.published === true,
    inTrash: data.inTrash === true,
    inactive: data.inactive === true,
    oauth: data.oauth !== false,
    basicAuth: data.basicAuth !== false,
    clientId: text(data.clientId),
    clientSecret: secret(hidden.clientSecret),
    basicAuthBackendId: text(data.basicAuthBackendId),
    anonymousKey: secret(hidden.anonymousKey),
    roleAccess: (data.roleAccess as Backend['roleAccess'] | undefined) ?? NO_ROLE_ACCESS,
    identityProviders: enabledProviders(data.identityProviders),
    targetBackendId: text(data.targetBackendId),
    analyticsAppGuid: text(data.analyticsAppGuid),
    // Backends made before there was such a thing have no such member.
    apiIds: (data.apiIds as string[] | undefined) ?? [],
    collectionIds: (data.collectionIds as string[] | undefined) ?? [],
    appPolicies: (data.appPolicies as AppPolicies | undefined) ?? {},
    settings: { ...DEFAULT_SETTINGS, ...(hidden.settings as Partial<BackendSettings>) },
  }
}

const NO_ROLE_ACCESS: Backend['roleAccess'] = { enabled: false, roles: [] }

function enabledProviders(stored: unknown): string[] {
  const providers = (stored ?? []) as readonly {
    readonly name: string
    readonly enabled: boolean
  }[]
  return providers.filter(({ enabled }) => enabled).map(({ name }) => name)
}
