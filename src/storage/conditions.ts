import type { Condition, Order } from './port.ts'
import { textCondition } from './where.ts'

/** The conditions that all have to hold, nested `and`s taken apart. */
export function conjuncts(where: Condition | undefined): Condition[] {
  if (!where) return []
  if (where.op === 'and') return where.all.flatMap(conjuncts)
  if (where.op === 'text') return conjuncts(textCondition(where))
  return [where]
}

/** True when no record without the field can satisfy all conditions. */
export function requiresField(conditions: readonly Condition[], field: string): boolean {
  return conditions.some((condition) => {
    switch (condition.op) {
      case 'or':
        return condition.any.every((each) => requiresField(conjuncts(each), field))
      case 'and':
        return requiresField(condition.all, field)
      case 'not':
      case 'text':
        return false
      default:
        return condition.field === field
    }
  })
}

/** The order without the parts that cannot matter: a field again, or anything behind the id. */
export function effectiveOrder(orderBy: readonly Order[] | undefined): Order[] {
  const order: Order[] = []
  for (const each of orderBy ?? []) {
    if (order.some(({ field }) => field === each.field)) continue
    order.push(each)
    if (each.field === 'id') return order
  }
  return [...order, { field: 'id', direction: 'desc' }]
}
