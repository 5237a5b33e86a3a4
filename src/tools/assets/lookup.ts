import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { onlyValue, type QueryPair, valuesOf } from '../list/query.ts'
import { type Problems, quoted, refuseIfAny } from '../problems.ts'
import { nameClaim } from './fields.ts'
import { ASSET_TYPE_NAMES, type AssetTypeName, assetTypeNamed } from './types.ts'

/** `name(version)`, with a namespace in front where assets have one. */
const FULL_NAME = /^(?:([a-z]+)\/)?([a-zA-Z][a-zA-Z0-9_]*)\(([a-zA-Z0-9][\w.]*)\)$/
const NAMESPACED: readonly string[] = ['API', 'Connector']

/**
 * The live asset that a full name names.
 *
 * @throws {ApiError} `param_invalid`, `asset_unknown`
 */
export async function lookUpAsset(
  { store }: ToolsContext,
  pairs: readonly QueryPair[],
): Promise<StoredRecord> {
  const problems: Problems = []
  const one = (name: string) => onlyValue(name, valuesOf(pairs, name), problems)
  const fqn = one('fqn')
  const type = one('type')
  const isNamespaced = NAMESPACED.includes(type ?? '')
  const [, namespace, name = '', version = ''] = FULL_NAME.exec(fqn ?? '') ?? []
  if (!isTypeName(type)) {
    problems.push(`'type' is required, one of ${ASSET_TYPE_NAMES.join(', ')}.`)
  }
  if (name === '' || (namespace !== undefined) !== isNamespaced) {
    const form = isNamespaced ? 'namespace/name(version)' : 'name(version)'
    problems.push(`'fqn' must have the form ${form}, not ${quoted(fqn ?? '')}.`)
  }
  refuseIfAny(problems)
  const found = isTypeName(type) ? assetTypeNamed(type) : undefined
  // Implementations have a namespace, but their full names do not say it.
  const inNamespace = namespace ?? found?.namespace ?? null
  const claim = found && nameClaim(found.recordType, { namespace: inNamespace, name, version })
  const record = claim ? await store.getByClaim(INSTANCE, claim) : null
  if (!record) throw new ApiError('asset_unknown', `There is no ${type} ${fqn}.`)
  return record
}

export function isTypeName(text: string | null): text is AssetTypeName {
  return ASSET_TYPE_NAMES.some((name) => name === text)
}
