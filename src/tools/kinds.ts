import { APIS } from './apis/api.ts'
import { CLIENTS } from './clients/client.ts'
import { COLLECTIONS } from './collections/collection.ts'
import { CONNECTORS } from './connectors/connector.ts'
import { IMPLEMENTATIONS } from './implementations/implementation.ts'
import { PACKAGES } from './packages/package.ts'

/** The types of assets that are no more than their declarations say. */
export const KINDS = [COLLECTIONS, CONNECTORS, CLIENTS] as const

/** All that are declared, also those of which more than a record comes to be. */
export const DECLARED_KINDS = [...KINDS, APIS, IMPLEMENTATIONS, PACKAGES] as const
