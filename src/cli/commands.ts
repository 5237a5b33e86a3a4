import { ASSET_NOUNS, ASSET_VERBS, hasVerb } from './asset-nouns.ts'
import type { Command } from './command.ts'

type Load = () => Promise<Command>

/** Every command. Each is loaded only when it is called, so that small ones answer at once. */
export const COMMANDS: Readonly<Record<string, Load>> = {
  start: async () => (await import('./start.ts')).start,
  status: async () => (await import('./status.ts')).status,
  doctor: async () => (await import('./doctor.ts')).doctor,
  'config show': async () => (await import('./config-show.ts')).configShow,
  'admin create': async () => (await import('./admin-create.ts')).adminCreate,
  'admin reset': async () => (await import('./admin-reset.ts')).adminReset,
  'team list': async () => (await import('./team.ts')).teamList,
  'team add': async () => (await import('./team.ts')).teamAdd,
  'team set-roles': async () => (await import('./team.ts')).teamSetRoles,
  'team disable': async () => (await import('./team.ts')).teamDisable,
  'team enable': async () => (await import('./team.ts')).teamEnable,
  'team remove': async () => (await import('./team.ts')).teamRemove,
  'team reset-password': async () => (await import('./team.ts')).teamResetPassword,
  'token create': async () => (await import('./token.ts')).tokenCreate,
  'token list': async () => (await import('./token.ts')).tokenList,
  'token revoke': async () => (await import('./token.ts')).tokenRevoke,
  audit: async () => (await import('./audit.ts')).audit,
  'backend create': async () => (await import('./backend-create.ts')).backendCreate,
  'backend list': async () => (await import('./backend-list.ts')).backendList,
  'backend show': async () => (await import('./backend-show.ts')).backendShow,
  'backend publish': async () => (await import('./backend-lifecycle.ts')).backendPublish,
  'backend version': async () => (await import('./backend-lifecycle.ts')).backendVersion,
  'backend deactivate': async () => (await import('./backend-lifecycle.ts')).backendDeactivate,
  'backend activate': async () => (await import('./backend-lifecycle.ts')).backendActivate,
  'backend trash': async () => (await import('./backend-lifecycle.ts')).backendTrash,
  'backend restore': async () => (await import('./backend-lifecycle.ts')).backendRestore,
  'backend purge': async () => (await import('./backend-lifecycle.ts')).backendPurge,
  'backend keys': async () => (await import('./backend-lifecycle.ts')).backendKeys,
  'backend settings': async () => (await import('./backend-settings.ts')).backendSettings,
  ...assetCommands(),
  'package export': async () => (await import('./package.ts')).packageExport,
  'package check': async () => (await import('./package.ts')).packageCheck,
  'package install': async () => (await import('./package.ts')).packageInstall,
  'policy get': async () => (await import('./policy.ts')).policyGet,
  'policy set': async () => (await import('./policy.ts')).policySet,
  'policy delete': async () => (await import('./policy.ts')).policyDelete,
  'policy list': async () => (await import('./policy.ts')).policyList,
  'user create': async () => (await import('./user-create.ts')).userCreate,
  'user promote': async () => (await import('./user-promote.ts')).userPromote,
  'push apns': async () => (await import('./push-set.ts')).pushApns,
  'push fcm': async () => (await import('./push-set.ts')).pushFcm,
  'push web': async () => (await import('./push-set.ts')).pushWeb,
  'push show': async () => (await import('./push-show.ts')).pushShow,
  'push remove': async () => (await import('./push-show.ts')).pushRemove,
  'migrate plan': async () => (await import('./migrate-plan.ts')).migratePlan,
  'migrate up': async () => (await import('./migrate-up.ts')).migrateUp,
  version: async () => (await import('./version.ts')).version,
}

/** The types of assets that are no more than what they declare have the same commands. */
function assetCommands(): Record<string, Load> {
  const all = ASSET_NOUNS.flatMap((noun) =>
    ASSET_VERBS.filter((verb) => hasVerb(noun, verb)).map((verb): [string, Load] => [
      `${noun} ${verb}`,
      async () => (await import('./asset.ts')).assetCommand(noun, verb),
    ]),
  )
  return Object.fromEntries(all)
}
