import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { textKey } from '../../storage/keys.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { CUSTOM_NAMESPACE } from '../apis/api.ts'
import { nameClaim } from '../assets/fields.ts'
import { REFERENCE_FIELDS } from '../assets/references.ts'
import type { ToolsContext } from '../context.ts'
import { IMPLEMENTATIONS } from './implementation.ts'

/** More than sensible people make of one API. */
const IMPLEMENTATIONS_MAX = 1000

type Stores = Pick<ToolsContext, 'store'>

/** All of an API, also those in the trash, by name and version. */
export async function implementationsOf({ store }: Stores, apiId: string): Promise<StoredRecord[]> {
  const { records } = await store.find({
    backendId: INSTANCE,
    type: IMPLEMENTATIONS.recordType,
    where: { op: 'eq', field: REFERENCE_FIELDS.partOf, value: textKey(apiId) },
    limit: IMPLEMENTATIONS_MAX,
  })
  const sortedBy = (record: StoredRecord) => {
    const { name, version } = IMPLEMENTATIONS.read(record)
    return `${name} ${version}`
  }
  return [...records].sort((a, b) => (sortedBy(a) < sortedBy(b) ? -1 : 1))
}

/** The live implementation of this name and version, of whatever API. */
export function implementationNamed(
  { store }: Stores,
  { name, version }: { readonly name: string; readonly version: string },
): Promise<StoredRecord | null> {
  const claim = { namespace: CUSTOM_NAMESPACE, name, version }
  return store.getByClaim(INSTANCE, nameClaim(IMPLEMENTATIONS.recordType, claim))
}

/** `name(version)`, as policies have it; `null` for another text. */
export function fullNameIn(
  text: string,
): { readonly name: string; readonly version: string } | null {
  const [, name, version] = /^([A-Za-z]\w*)\(([A-Za-z0-9][\w.]*)\)$/.exec(text) ?? []
  return name === undefined || version === undefined ? null : { name, version }
}

/**
 * The live implementation of an API that a text such as `orders(1.1)` names.
 *
 * @throws {ApiError} `param_invalid`
 */
export async function requireNamed(
  stores: Stores,
  apiId: string,
  text: string,
): Promise<StoredRecord> {
  const named = fullNameIn(text)
  const record = named && (await implementationNamed(stores, named))
  if (record && IMPLEMENTATIONS.read(record).apiId === apiId) return record
  throw new ApiError('param_invalid', `The API has no implementation ${text.slice(0, 250)}.`)
}
