import type { MethodDefinition } from '../../../src/engine/definition.ts'
import { methods } from '../../../src/objects/index.ts'
import { callOf, type Named, type Thing, type Things, type Values } from './calls.ts'

/** A method that is called with the name of one thing, or its id, that is not the backend's. */
export type Foreign = {
  readonly method: MethodDefinition
  /** The parameter, or `usual`: wherever the method's usual values name the thing. */
  readonly param: string
  readonly thing: Thing
  /** The values, when the thing is called so. */
  readonly values: (of: Named, name: string) => Values
}

/** Which thing a parameter names. */
const BY_PARAM: Readonly<Record<string, Thing>> = {
  ...{ user_id: 'user', user_ids: 'user', su_id: 'user', owner_id: 'user', user_object_id: 'user' },
  ...{ reader_ids: 'user', writer_ids: 'user', to_ids: 'user', participate_ids: 'user' },
  ...{ acl_id: 'acl', acl_name: 'aclName', login: 'login', app_id: 'app' },
  ...{ place_id: 'place', place_ids: 'place', event_id: 'event', event_ids: 'event' },
  ...{ checkin_id: 'checkin', checkin_ids: 'checkin', status_id: 'status', post_id: 'post' },
  ...{ post_ids: 'post', photo_id: 'photo', photo_ids: 'photo', cover_photo_id: 'photo' },
  ...{ collection_id: 'collection', parent_collection_id: 'collection', file_id: 'file' },
  ...{ review_id: 'review', review_object_id: 'review', custom_object_id: 'boat' },
  ...{ message_id: 'message', thread_id: 'message', chat_id: 'chat', chat_group_id: 'group' },
  ...{ email_template_id: 'template', template: 'templateName' },
  ...{ confirmation_template: 'templateName' },
  ...{ device_token: 'device', device_id: 'device', to_tokens: 'device' },
}

/** The same for parameters that mean something else with each kind of object. */
const BY_GROUP: Readonly<Record<string, Readonly<Record<string, Thing>>>> = {
  Acl: { id: 'acl', name: 'aclName' },
  CustomObject: { id: 'boat', ids: 'boat' },
  GeoFence: { id: 'fence' },
  KeyValue: { name: 'secret' },
  PushSchedule: { id: 'schedule', ids: 'schedule' },
  SocialIntegration: { id: 'account' },
  // Of an organization, of which there are none.
  App: { id: 'app' },
}

function thingOf({ group }: MethodDefinition, param: string): Thing | undefined {
  return BY_GROUP[group]?.[param] ?? BY_PARAM[param]
}

/** Parameters that look as if they named something and do not: the names are new, or anybody's. */
const NAMES_NOTHING = /^(name|username|first_name|last_name|sender_name|classname|collection_name)$/

/** Parameters of a method that name something, but of which the table does not say what. */
export function unknownParams(method: MethodDefinition): string[] {
  return Object.keys(method.params).filter(
    (param) =>
      /(^|_)(ids?|name)$/.test(param) && !NAMES_NOTHING.test(param) && !thingOf(method, param),
  )
}

/** Of these only one counts, so that the one that is tried has to be alone. */
const ALTERNATIVES: readonly (readonly string[])[] = [
  ['id', 'ids', 'name'],
  ['to_ids', 'chat_group_id'],
  ['participate_ids', 'chat_group_id'],
]

/** It says what is liked or reviewed; only the review itself says which one is deleted. */
function isTarget({ group, path }: MethodDefinition, param: string): boolean {
  if (param === 'review_id') return path === 'reviews/create' || group === 'Like'
  return ['Like', 'Review'].includes(group) && !/^(su_id|acl_id|acl_name|owner_id)$/.test(param)
}

function without(values: Values, method: MethodDefinition, param: string): Values {
  const others = [
    ...ALTERNATIVES.filter((some) => some.includes(param)).flat(),
    ...(param.endsWith('_ids') ? [param.slice(0, -1)] : []),
    ...(isTarget(method, param) ? ['place_id'] : []),
  ]
  return Object.fromEntries(Object.entries(values).filter(([name]) => !others.includes(name)))
}

function byParam(method: MethodDefinition): Foreign[] {
  return Object.keys(method.params).flatMap((param) => {
    const thing = thingOf(method, param)
    const isIgnored = method.path === 'reviews/delete' && isTarget(method, param)
    if (!thing || isIgnored) return []
    const usual = callOf(method.path)
    const values = (of: Named, name: string) => ({
      ...without(usual(of), method, param),
      [param]: name,
    })
    return [{ method, param, thing, values }]
  })
}

/** By what the method's usual values ask for: also inside of `where`. */
function byUsual(method: MethodDefinition): Foreign[] {
  const usual = callOf(method.path)
  const asked = new Set<string>()
  const spy = new Proxy({} as Named, {
    get(_target, name) {
      asked.add(String(name))
      return 'x'
    },
  })
  usual(spy)
  asked.delete('mark')
  return [...asked].map((thing) => ({
    method,
    param: 'usual',
    thing: thing as Thing,
    values: (of, name) => usual({ ...of, [thing]: name }),
  }))
}

/** The same call twice says nothing more. */
function waysTo(method: MethodDefinition): Foreign[] {
  const of = new Proxy({} as Named, { get: (_target, name) => name })
  const ways = [...byParam(method), ...byUsual(method)]
  const byCall = new Map(ways.map((one) => [JSON.stringify(one.values(of, 'NAME')), one]))
  return [...byCall.values()]
}

/** Every way to call a method with a thing of another backend. */
export const FOREIGN: readonly Foreign[] = methods.flatMap(waysTo)

/** What nobody's thing is called. */
export function nobodys(things: Things, thing: Thing): string {
  const name = things[thing]
  if (/^[0-9a-f]{24}$/.test(name)) return 'f'.repeat(24)
  return name.replace(/.$/, 'z')
}
