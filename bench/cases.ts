import { keyOf, numberKey } from '../src/storage/keys.ts'
import type { FindQuery } from '../src/storage/port.ts'

/** Two conditions, of which the first holds for one object in ten and the second for half. */
export const WHERE = { color: 'teal', length_m: { $gte: 50 } }
export const ORDER = 'price'
export const LIMIT = 20

/** The same, as the store is asked. */
export function measuredQuery(backendId: string, classname: string): FindQuery {
  return {
    backendId,
    type: `custom:${classname}`,
    where: {
      op: 'and',
      all: [
        { op: 'eq', field: 'color', value: keyOf(WHERE.color) },
        { op: 'gte', field: 'length_m', value: numberKey(WHERE.length_m.$gte) },
      ],
    },
    visibleTo: null,
    orderBy: [{ field: ORDER, direction: 'asc' }],
    limit: LIMIT,
  }
}
