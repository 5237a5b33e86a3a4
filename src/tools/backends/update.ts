import type { StoredRecord } from '../../storage/port.ts'
import { bodyOf, flagMember, objectMember, refuseBad, textsMember } from '../assets/body.ts'
import { type ChangeOptions, changeAsset, type Decision } from '../assets/change.ts'
import { type AssetChanges, ROLE, readAssetChanges } from '../assets/fields.ts'
import type { Happening } from '../assets/history.ts'
import { outcomeOf } from '../assets/lifecycle.ts'
import { changedMembers, editHappenings } from '../assets/update.ts'
import type { ToolsContext } from '../context.ts'
import { type BackendAsset, backendAssetOf, type RoleAccess } from './backend.ts'
import { readBackendRecord } from './read.ts'

/** What of a backend is to become other; the rest stays. */
export type BackendChanges = Partial<AssetChanges> & {
  readonly oauth?: boolean
  readonly basicAuth?: boolean
  readonly inactive?: boolean
  readonly roleAccess?: Partial<RoleAccess>
}

/** @throws {ApiError} `param_invalid`, naming every member that is wrong */
export function readBackendChanges(json: unknown): BackendChanges {
  const body = bodyOf(json)
  const fields = readAssetChanges(body)
  const basic = flagMember(body, 'basic')
  const basicAuth = flagMember(body, 'basicAuth')
  const flags = {
    oauth: flagMember(body, 'oauth'),
    basicAuth: basic ?? basicAuth,
    inactive: flagMember(body, 'inactive'),
  }
  const access = objectMember(body, 'roleAccess')
  const enabled = access && flagMember(access, 'enabled')
  const roles = access && textsMember(access, 'roles', ROLE)
  refuseBad(body)
  return {
    ...fields,
    ...Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== null)),
    roleAccess: { ...(enabled !== null && { enabled }), ...(roles !== null && { roles }) },
  }
}

/**
 * Changes a backend. Of a published one only the switch `inactive` can be turned, and what stays as
 * it is may be sent along.
 *
 * @throws {ApiError} `asset_unknown`, `etag_stale`, `asset_frozen`, `asset_exists`
 */
export async function updateBackend(
  tools: ToolsContext,
  id: string,
  { changes, ...options }: ChangeOptions & { readonly changes: BackendChanges },
): Promise<BackendAsset> {
  await readBackendRecord(tools, id)
  return backendAssetOf(
    await changeAsset(tools, id, options, (before) => decideUpdate(before, changes)),
  )
}

function decideUpdate(before: StoredRecord, changes: BackendChanges): Decision {
  const backend = backendAssetOf(before)
  const { roleAccess, actionComment, ...others } = changes
  const wanted = { ...others, roleAccess: { ...backend.roleAccess, ...roleAccess } }
  const changed = changedMembers(wanted, backend)
  const edited = changed.filter((name) => name !== 'inactive')

  const onlySwitch = edited.length === 0 && changes.inactive !== undefined
  outcomeOf(backend, onlySwitch ? (changes.inactive ? 'deactivate' : 'activate') : 'edit')
  return {
    data: { ...wanted, ...(actionComment !== undefined && { actionComment }) },
    happenings: happeningsOf(changed, changes),
  }
}

function happeningsOf(changed: readonly string[], changes: BackendChanges): Happening[] {
  const comment = changes.actionComment ?? null
  const edited = changed.filter((name) => name !== 'inactive')
  const happenings = [
    ...editHappenings(edited, comment),
    ...(changed.includes('inactive')
      ? [{ action: changes.inactive ? 'DEACTIVATED' : 'ACTIVATED', comment } as const]
      : []),
  ]
  return happenings.length > 0 ? happenings : [{ action: 'UPDATED', comment, changed: [] }]
}
