import type { Call, ObjectDefinition, Reply } from '../definition.ts'

/** How many objects there are, whoever may read them. */
export async function count(call: Call, def: ObjectDefinition): Promise<Reply> {
  const counted = await call.context.store.count({ backendId: call.backend.id, type: def.name })
  return { meta: { count: counted.count } }
}
