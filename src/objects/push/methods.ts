import type { MethodDefinition } from '../../engine/definition.ts'
import { resetBadge, setBadge } from './badges.ts'
import { queryPushLogDetails, queryPushLogs } from './logs.ts'
import { notify, notifyTokens } from './notify.ts'
import { countSubscriptions, queryChannels, querySubscriptions, showChannel } from './query.ts'
import { createSchedule, deleteSchedules, querySchedules, updateSchedule } from './schedules.ts'
import {
  subscribe,
  subscribeToken,
  unsubscribe,
  unsubscribeToken,
  updateSubscription,
} from './subscribe.ts'
import { showWebPushKey } from './web-push-key.ts'

/** Everything about pushes, in the order of the reference. */
export const pushMethods: readonly MethodDefinition[] = [
  ...[queryPushLogs, queryPushLogDetails],
  ...[subscribe, subscribeToken, unsubscribe, unsubscribeToken, updateSubscription],
  showWebPushKey,
  ...[notify, notifyTokens],
  ...[querySubscriptions, queryChannels, showChannel, countSubscriptions],
  ...[setBadge, resetBadge],
  ...[createSchedule, updateSchedule, querySchedules, deleteSchedules],
]
