import { objectMember, textMember } from '../assets/body.ts'
import { type AssetKind, assetKind } from '../assets/kind.ts'
import { MAX_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'

export const CONNECTOR_NAMESPACE = 'connector'

export type ConnectorMembers = {
  /** What it speaks, e.g. `REST`. */
  readonly connectorType: string | null
  /** Where the service behind it is. */
  readonly remoteUrl: string | null
  /** Whatever else custom code wants to know of it; never a secret. */
  readonly properties: Readonly<Record<string, unknown>>
}

/** Facts about services that custom code calls; calls themselves are the code's own affair. */
export const CONNECTORS: AssetKind<ConnectorMembers> = assetKind({
  name: 'Connector',
  what: 'connector',
  recordType: 'connector',
  group: 'connectors',
  namespace: CONNECTOR_NAMESPACE,
  filterTypes: { ...PUBLICATION_FILTERS, ...TRASH_FILTERS, ...MAX_FILTERS },
  filterDefaults: ['MAX_EXCLUDE'],
  ownDefaults: { connectorType: null, remoteUrl: null, properties: {} },
  readOwn: (body) => ({
    connectorType: textMember(body, 'connectorType', CONNECTOR_TYPE),
    remoteUrl: textMember(body, 'remoteUrl', REMOTE_URL),
    properties: objectMember(body, 'properties')?.members ?? {},
  }),
  readOwnChanges: (body) => {
    const texts = {
      connectorType: textMember(body, 'connectorType', CONNECTOR_TYPE),
      remoteUrl: textMember(body, 'remoteUrl', REMOTE_URL),
    }
    const properties = objectMember(body, 'properties')
    return {
      ...Object.fromEntries(
        Object.entries(texts).filter(([name]) => Object.hasOwn(body.members, name)),
      ),
      ...(properties && { properties: properties.members }),
    }
  },
})

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
