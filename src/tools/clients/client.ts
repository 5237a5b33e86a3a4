import { type AssetKind, assetKind } from '../assets/kind.ts'
import { type Member, oneOf, optionalText, requiredText } from '../assets/members.ts'
import { MAX_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'

const PLATFORMS = ['IOS', 'ANDROID', 'WINDOWS', 'WEB'] as const

export type ClientMembers = {
  readonly platform: (typeof PLATFORMS)[number]
  /** What the app's store knows it by, e.g. `com.example.field`. */
  readonly appId: string
  /** The one backend that it belongs to. */
  readonly backendId: string | null
}

const APP_ID = {
  charactersMax: 255,
  pattern: /^[A-Za-z0-9][\w.:/-]*$/,
  form: 'an identifier such as com.example.app',
}

const BACKEND_ID = optionalText({
  charactersMax: 36,
  pattern: /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/,
  form: 'the id of a backend',
})

const backendId: Member<string | null> = {
  ...BACKEND_ID,
  read: (body, name) => BACKEND_ID.read(body, name)?.toLowerCase() ?? null,
}

/** Apps: each belongs to one version of one backend. */
export const CLIENTS: AssetKind<ClientMembers> = assetKind({
  name: 'Client',
  what: 'client',
  recordType: 'appClient',
  group: 'clients',
  filterTypes: { ...PUBLICATION_FILTERS, ...TRASH_FILTERS, ...MAX_FILTERS },
  filterDefaults: ['MAX_EXCLUDE'],
  members: { platform: oneOf(PLATFORMS, 'WEB'), appId: requiredText(APP_ID), backendId },
  // A client is not lost with its backend: it can be given another.
  references: ({ backendId: id }) => ({ pointsAt: id === null ? [] : [id] }),
})
