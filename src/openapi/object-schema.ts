import type { ObjectDefinition, ReferenceDefinition } from '../engine/definition.ts'
import type { JsonSchema } from '../engine/params.ts'
import { REVIEWS_SHOWN_MAX } from '../engine/review-lists.ts'
import { schemaRef } from './document.ts'

type Members = Readonly<Record<string, JsonSchema>>
type Objects = readonly ObjectDefinition[]

const COUNTERS: Members = {
  reviews_count: { type: 'integer' },
  ratings_count: { type: 'integer' },
  ratings_average: { type: 'number' },
  ratings_summary: {
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'How many reviews gave which rating.',
  },
  likes_count: { type: 'integer' },
  reviews: {
    type: 'array',
    items: schemaRef('Review'),
    description: `From depth 2 on: the newest, at most ${REVIEWS_SHOWN_MAX}.`,
  },
}

const FREE_FORM: JsonSchema = {
  type: 'object',
  additionalProperties: true,
  description: "Members of the app's own.",
}

/**
 * What a reply shows of an object. Only its id is always there: what has no value is left out, and
 * `sel` and `unsel` leave out more. Members of the app's own aside, there are no others.
 *
 * @param objects all of the API, to name those that references lead to
 */
export function objectSchema(def: ObjectDefinition, objects: Objects): JsonSchema {
  return {
    type: 'object',
    description: def.description,
    properties: {
      id: schemaRef('ObjectId'),
      ...Object.fromEntries(
        Object.entries(def.fields).map(([name, { schema }]) => [name, shown(schema)]),
      ),
      ...def.computed,
      ...referenceMembers(def, objects),
      ...(def.tags ? { tags: { type: 'array', items: { type: 'string' } } } : {}),
      ...(def.customFields ? { custom_fields: FREE_FORM } : {}),
      ...(def.counters ? COUNTERS : {}),
      ...(def.methods.search || def.searchRetired ? { distance: DISTANCE } : {}),
      ...(def.acl ? ACL : {}),
      current_user_liked: { const: true, description: 'Only with `show_user_like`.' },
      created_at: schemaRef('Date'),
      updated_at: schemaRef('Date'),
    },
    required: ['id'],
    additionalProperties: def.open === true,
  }
}

const DISTANCE: JsonSchema = {
  type: 'number',
  description: 'Kilometres from the position that a search named.',
}

const ACL: Members = {
  acl_id: { type: 'string', description: 'At depth 1: the id of its Acl.' },
  acls: { type: 'array', items: schemaRef('Acl'), description: 'From depth 2 on: its Acl.' },
}

/** A member as it goes out: limits of what may be sent say nothing about what was stored. */
function shown({ type, enum: values, description, format }: JsonSchema): JsonSchema {
  const kept = { type, enum: values, description, format }
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined))
}

/** `place_id` at depth 1, or when there is no such place any more, and `place` beyond. */
function referenceMembers(def: ObjectDefinition, objects: Objects): Members {
  const members: Record<string, JsonSchema> = {}
  for (const [name, { type, listAs, idsAs }] of Object.entries(referencesOf(def))) {
    const target = objects.find((one) => one.name === type)
    const what = target?.title ?? type
    if (idsAs) {
      const ids = { type: 'array', items: { type: 'string' } }
      members[idsAs] = { ...ids, description: `At depth 1: the ids of each ${what}.` }
      if (target) members[name] = { type: 'array', items: schemaRef(target.title) }
      continue
    }
    members[`${name}_id`] = { type: 'string', description: `At depth 1: the id of its ${what}.` }
    if (!target) continue
    const object = schemaRef(target.title)
    members[listAs ?? name] = listAs ? { type: 'array', items: object } : object
  }
  return members
}

type Referring = Pick<ReferenceDefinition, 'type' | 'listAs' | 'idsAs'>

function referencesOf(def: ObjectDefinition): Readonly<Record<string, Referring>> {
  const attached = (def.attachments ?? []).map(({ references }) => references)
  const owner: Record<string, Referring> = def.ownerless ? {} : { user: { type: 'user' } }
  return Object.assign({}, def.references, ...attached, owner)
}
