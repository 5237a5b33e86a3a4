import type { EngineContext } from '../../engine/context.ts'
import { keyOf } from '../../storage/keys.ts'
import {
  DETAIL_TYPE,
  type DetailData,
  type DetailFailure,
  deliveryOf,
  LOG_TYPE,
  SEND_STATUS,
} from './notification.ts'

/** What became of pushes so far, all of them taken together. */
export type PushTotals = {
  /** Nothing more will happen to any. */
  readonly isDone: boolean
  readonly devices: number
  readonly sent: number
  readonly failed: number
  /** Devices that are there no more. */
  readonly gone: number
  /** The first ones. */
  readonly failures: readonly DetailFailure[]
}

const PAGE = 100

/** Sums up the logs of pushes; one that is not there any more counts as done. */
export async function pushTotals(
  context: EngineContext,
  backendId: string,
  pushIds: readonly string[],
  failuresMax: number,
): Promise<PushTotals> {
  const logs = await context.store.getMany(backendId, LOG_TYPE, pushIds)
  const totals = {
    isDone: logs.every((log) => deliveryOf(log).after === null),
    ...{ devices: 0, sent: 0, failed: 0, gone: 0 },
    failures: [] as DetailFailure[],
  }
  for (const id of pushIds) {
    for await (const detail of detailsOf(context, backendId, id)) {
      if (detail.send_status === SEND_STATUS.sending) totals.isDone = false
      totals.devices += detail.device_count
      totals.sent += detail.sent_count
      totals.failed += detail.failed_count
      totals.gone += detail.unsubscribed_count
      totals.failures.push(...detail.failures.slice(0, failuresMax - totals.failures.length))
    }
  }
  return totals
}

async function* detailsOf(
  { store }: EngineContext,
  backendId: string,
  pushId: string,
): AsyncGenerator<DetailData> {
  for (let offset = 0; ; offset += PAGE) {
    const { records } = await store.find({
      ...{ backendId, type: DETAIL_TYPE, limit: PAGE, offset },
      where: { op: 'eq', field: 'push_id', value: keyOf(pushId) },
      orderBy: [{ field: 'id', direction: 'asc' }],
    })
    for (const { data } of records) yield JSON.parse(data) as DetailData
    if (records.length < PAGE) return
  }
}
