import type { Condition } from '../../storage/port.ts'
import { DETAIL_TYPE, LOG_TYPE } from './notification.ts'

/** Three months, as documented. */
const KEPT_MS = 90 * 86_400_000

/** What is removed of logs, by the time that lies in their ids. */
export function oldPushLogs(now: number): { type: string; where: Condition }[] {
  const second = Math.max(0, Math.floor((now - KEPT_MS) / 1000))
  const value = second.toString(16).padStart(8, '0') + '0'.repeat(16)
  const where: Condition = { op: 'lt', field: 'id', value }
  return [LOG_TYPE, DETAIL_TYPE].map((type) => ({ type, where }))
}
