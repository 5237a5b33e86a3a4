import type {
  Call,
  MethodDefinition,
  ObjectDefinition,
  Reply,
  StandardMethod,
} from '../definition.ts'
import { SU_ID, writeParams } from '../method-params.ts'
import { described, hash, id, list, type Params, required } from '../params.ts'
import { QUERY_PARAMS, VIEW_PARAMS } from '../query-params.ts'
import { batchDelete } from './batch-delete.ts'
import { count } from './count.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { query } from './query.ts'
import { SEARCH_PARAMS, search } from './search.ts'
import { show } from './show.ts'
import { update } from './update.ts'

type Standard = {
  readonly path: string
  readonly verb: MethodDefinition['verb']
  readonly auth: MethodDefinition['auth']
  readonly summary: (def: ObjectDefinition) => string
  readonly params: (def: ObjectDefinition) => Params
  readonly returns: 'objects' | 'count' | 'nothing'
  readonly run: (call: Call, def: ObjectDefinition) => Promise<Reply>
}

/** What the standard methods are; `methodsOf` makes one of each for an object that has it. */
export const STANDARD: Readonly<Record<StandardMethod, Standard>> = {
  create: {
    path: 'create',
    verb: 'POST',
    auth: 'user',
    summary: (def) => `Makes a ${def.name}.`,
    params: writeParams,
    returns: 'objects',
    run: create,
  },
  show: {
    path: 'show',
    verb: 'GET',
    auth: 'none',
    summary: (def) => `Shows a ${def.name} by its id, or several by theirs.`,
    params: (def) => ({ ...idParams(def), ...VIEW_PARAMS }),
    returns: 'objects',
    run: show,
  },
  query: {
    path: 'query',
    verb: 'GET',
    auth: 'none',
    summary: (def) => `Finds ${def.collection} by conditions.`,
    params: () => QUERY_PARAMS,
    returns: 'objects',
    run: query,
  },
  search: {
    path: 'search',
    verb: 'GET',
    auth: 'none',
    summary: (def) => `Finds ${def.collection} by words or nearness.`,
    params: () => SEARCH_PARAMS,
    returns: 'objects',
    run: search,
  },
  update: {
    path: 'update',
    verb: 'PUT',
    auth: 'user',
    summary: (def) => `Changes a ${def.name}.`,
    params: (def) => ({ [def.idParam]: required(id(), def.unnamed), ...writeParams(def) }),
    returns: 'objects',
    run: update,
  },
  delete: {
    path: 'delete',
    verb: 'DELETE',
    auth: 'user',
    summary: (def) => `Deletes a ${def.name}.`,
    params: (def) => ({ ...idParams(def), ...SU_ID }),
    returns: 'nothing',
    run: remove,
  },
  count: {
    path: 'count',
    verb: 'GET',
    auth: 'none',
    summary: (def) => `Counts the ${def.collection}.`,
    params: () => ({}),
    returns: 'count',
    run: count,
  },
  batchDelete: {
    path: 'batch_delete',
    verb: 'DELETE',
    auth: 'admin',
    summary: (def) => `Deletes all ${def.collection} that a condition finds, as a job.`,
    params: () => ({ where: described(hash(), 'Absent: every one.') }),
    returns: 'nothing',
    run: (call, def) => batchDelete(call, def),
  },
}

function idParams(def: ObjectDefinition): Params {
  return {
    [def.idParam]: id(),
    ...(def.idsParam ? { [def.idsParam]: described(list(), 'Ids, comma-separated.') } : {}),
  }
}

/** The standard methods that an object names. */
export function methodsOf(def: ObjectDefinition): MethodDefinition[] {
  const names = Object.entries(def.methods) as [StandardMethod, string][]
  return names.map(([kind, name]) => standardMethod(def, kind, name))
}

/** One standard method of an object, for a definition or for a special method that narrows it. */
export function standardMethod(
  def: ObjectDefinition,
  kind: StandardMethod,
  name: string,
): MethodDefinition {
  const { path, verb, auth, summary, params, returns, run } = STANDARD[kind]
  const count = { count: { type: 'integer', minimum: 0 } }
  return {
    name,
    group: def.title,
    verb,
    path: `${def.collection}/${path}`,
    auth,
    summary: summary(def),
    params: params(def),
    returns: {
      ...(returns === 'objects' ? { key: def.collection, schema: def.title } : {}),
      ...(returns === 'count' ? { meta: count } : {}),
    },
    run: (call) => run(call, def),
  }
}
