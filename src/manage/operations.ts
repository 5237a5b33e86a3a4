import {
  copyOne,
  createOne,
  listOfKind,
  publishOne,
  purgeOne,
  restoreOne,
  showOfKind,
  trashOne,
} from './assets.ts'
import { showAudit } from './audit.ts'
import {
  activate,
  createVersion,
  deactivate,
  keys,
  publish,
  purge,
  restore,
  trash,
} from './backend-lifecycle.ts'
import { createBackend, listBackends, showOneBackend } from './backends.ts'
import { operation } from './operation.ts'
import { checkPackage, exportOne, installOne } from './packages.ts'
import { deletePolicy, getPolicy, listPolicies, setPolicy } from './policies.ts'
import { removePush, setPush, showPush } from './push.ts'
import { readinessOf } from './readiness.ts'
import { settings } from './settings.ts'
import {
  addMember,
  createAdmin,
  createToken,
  disableMember,
  dismissMember,
  enableMember,
  listTeam,
  listTokens,
  resetPassword,
  revokeToken,
  setRoles,
} from './team.ts'
import { createUser, promoteUser } from './users.ts'
import { VERSION } from './version.ts'

/** How the process is; only a running server has an answer to give. */
const serverStatus = operation({}, async (context) => ({
  pid: process.pid,
  version: VERSION,
  uptimeS: Math.round(process.uptime()),
  readiness: await readinessOf(context)(),
}))

/**
 * Everything that commands do to the data. Each is declared once and done where it is best: by the
 * running server (`mount.ts`) or, without one, by the command itself (`manager.ts`).
 */
export const OPERATIONS = {
  'server.status': serverStatus,
  'backend.create': createBackend,
  'backend.list': listBackends,
  'backend.show': showOneBackend,
  'backend.publish': publish,
  'backend.version': createVersion,
  'backend.deactivate': deactivate,
  'backend.activate': activate,
  'backend.trash': trash,
  'backend.restore': restore,
  'backend.purge': purge,
  'backend.keys': keys,
  'backend.settings': settings,
  'asset.list': listOfKind,
  'asset.show': showOfKind,
  'asset.create': createOne,
  'asset.publish': publishOne,
  'asset.version': copyOne,
  'asset.trash': trashOne,
  'asset.restore': restoreOne,
  'asset.purge': purgeOne,
  'package.export': exportOne,
  'package.check': checkPackage,
  'package.install': installOne,
  'policy.get': getPolicy,
  'policy.set': setPolicy,
  'policy.delete': deletePolicy,
  'policy.list': listPolicies,
  'admin.create': createAdmin,
  'admin.reset': resetPassword,
  'team.list': listTeam,
  'team.add': addMember,
  'team.setRoles': setRoles,
  'team.disable': disableMember,
  'team.enable': enableMember,
  'team.remove': dismissMember,
  'token.create': createToken,
  'token.list': listTokens,
  'token.revoke': revokeToken,
  'audit.show': showAudit,
  'user.create': createUser,
  'user.promote': promoteUser,
  'push.set': setPush,
  'push.show': showPush,
  'push.remove': removePush,
} as const

export type OperationName = keyof typeof OPERATIONS

export function isOperation(name: string): name is OperationName {
  return Object.hasOwn(OPERATIONS, name)
}
