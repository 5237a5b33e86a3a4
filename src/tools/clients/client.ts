import { type Body, requiredTextMember, textMember } from '../assets/body.ts'
import { type AssetKind, assetKind } from '../assets/kind.ts'
import { MAX_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'
import { quoted } from '../problems.ts'

const PLATFORMS = ['IOS', 'ANDROID', 'WINDOWS', 'WEB'] as const

export type ClientMembers = {
  readonly platform: (typeof PLATFORMS)[number]
  /** What the app's store knows it by, e.g. `com.example.field`. */
  readonly appId: string
  /** The one backend that it belongs to; a copy belongs to none until it is given one. */
  readonly backendId: string | null
}

export const CLIENT_TYPE = 'appClient'

/** Apps: each belongs to one version of one backend. */
export const CLIENTS: AssetKind<ClientMembers> = assetKind({
  name: 'Client',
  what: 'client',
  recordType: CLIENT_TYPE,
  group: 'clients',
  filterTypes: { ...PUBLICATION_FILTERS, ...TRASH_FILTERS, ...MAX_FILTERS },
  filterDefaults: ['MAX_EXCLUDE'],
  ownDefaults: { platform: 'WEB', appId: '', backendId: null },
  readOwn: (body) => ({
    platform: platformOf(body) ?? 'WEB',
    appId: requiredTextMember(body, 'appId', APP_ID),
    backendId: backendIdOf(body),
  }),
  readOwnChanges: (body) => {
    const platform = Object.hasOwn(body.members, 'platform') ? platformOf(body) : null
    const appId = textMember(body, 'appId', APP_ID)
    return {
      ...(platform !== null && { platform }),
      ...(appId !== null && { appId }),
      ...(Object.hasOwn(body.members, 'backendId') && { backendId: backendIdOf(body) }),
    }
  },
  // A client is not lost with its backend: it can be given another.
  references: ({ backendId }) => ({ pointsAt: backendId === null ? [] : [backendId] }),
})

const APP_ID = {
  charactersMax: 255,
  pattern: /^[A-Za-z0-9][\w.:/-]*$/,
  form: 'an identifier such as com.example.app',
}

const UUID = {
  charactersMax: 36,
  pattern: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  form: 'the id of a backend',
}

function backendIdOf(body: Body): string | null {
  return textMember(body, 'backendId', UUID)?.toLowerCase() ?? null
}

function platformOf(body: Body): ClientMembers['platform'] | null {
  const text = textMember(body, 'platform', { charactersMax: 20 })
  const known = PLATFORMS.find((one) => one === text)
  if (!known) {
    body.problems.push(
      `'platform' must be one of ${PLATFORMS.join(', ')}, not ${quoted(text ?? '')}.`,
    )
  }
  return known ?? null
}
