import type { AssetTypeName } from '../../assets/types.ts'
import { COLLECTIONS } from '../../collections/collection.ts'
import { CONNECTORS } from '../../connectors/connector.ts'
import type { Porter } from '../porter.ts'
import { apiPorter } from './apis.ts'
import { backendPorter } from './backends.ts'
import { clientPorter } from './clients.ts'
import { implementationPorter } from './implementations.ts'
import { plainPorter } from './plain.ts'

/** For each type of assets that a package can have. */
export const PORTERS: Readonly<Record<Exclude<AssetTypeName, 'Package'>, Porter>> = {
  MobileBackend: backendPorter,
  API: apiPorter,
  APIImplementation: implementationPorter,
  StorageCollection: plainPorter(COLLECTIONS),
  Connector: plainPorter(CONNECTORS),
  Client: clientPorter,
}

export type PortedTypeName = keyof typeof PORTERS

export function isPorted(name: string | null): name is PortedTypeName {
  return name !== null && Object.hasOwn(PORTERS, name)
}
