import { type AssetKind, assetKind } from '../assets/kind.ts'
import { anyObject, optionalText } from '../assets/members.ts'
import { MAX_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'

export type ConnectorMembers = {
  /** What it speaks, e.g. `REST`. */
  readonly connectorType: string | null
  /** Where the service behind it is. */
  readonly remoteUrl: string | null
  /** Whatever else custom code wants to know of it; never a secret. */
  readonly properties: Readonly<Record<string, unknown>>
}

const CONNECTOR_TYPE = {
  charactersMax: 40,
  pattern: /^[A-Z][A-Z0-9_]*$/,
  form: 'capital letters, e.g. REST',
}

const REMOTE_URL = {
  charactersMax: 2000,
  pattern: /^https?:\/\/[^\s@]+$/,
  form: 'an http or https address without a password',
}

/** Facts about services that custom code calls; the calls themselves are the code's own affair. */
export const CONNECTORS: AssetKind<ConnectorMembers> = assetKind({
  name: 'Connector',
  what: 'connector',
  recordType: 'connector',
  group: 'connectors',
  namespace: 'connector',
  filterTypes: { ...PUBLICATION_FILTERS, ...TRASH_FILTERS, ...MAX_FILTERS },
  filterDefaults: ['MAX_EXCLUDE'],
  members: {
    connectorType: optionalText(CONNECTOR_TYPE),
    remoteUrl: optionalText(REMOTE_URL),
    properties: anyObject(),
  },
})
