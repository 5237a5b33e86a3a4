import type { ObjectDefinition } from './definition.ts'
import {
  described,
  type FilePart,
  flag,
  hash,
  id,
  list,
  type Param,
  type Params,
  text,
} from './params.ts'
import { VIEW_PARAMS } from './query-params.ts'

/** Parameters that every method takes; http/ reads them before the method is chosen. */
export const SHARED_PARAMS = {
  key: described(text({ max: 100 }), "The app's key, unless the call is signed with OAuth."),
  _session_id: described(text({ max: 200 }), 'The session, unless it is sent as a cookie.'),
  pretty_json: described(flag(), 'Indents the answer.'),
  suppress_response_codes: described(flag(), 'The HTTP status is always 200; see `meta.code`.'),
}

export const SU_ID = {
  su_id: described(id(), 'For administrators: the user for whom the call acts.'),
}

/** A list in which empty text is an empty list, which clears on update. */
function clearableList(): Param<readonly string[] | undefined> {
  return { ...list(), read: (raw, name) => (raw === '' ? [] : list().read(raw, name)) }
}

export const TAGS = { tags: described(clearableList(), 'Comma-separated; replaces all tags.') }
export const CUSTOM_FIELDS = { custom_fields: described(hash(), 'Members of your own.') }
export const ACL_PARAMS = {
  acl_name: described(text({ max: 255 }), "The name of one of the caller's ACLs; empty: none."),
  acl_id: described(id(), 'The id of an ACL; empty: none.'),
}

/**
 * What create and update take. Members that may not be blank are checked after all else is in
 * place, so that the answer can name all that is wrong at once.
 */
export function writeParams(def: ObjectDefinition): Params {
  const references = Object.entries(def.references ?? {}).filter(([, one]) => !one.readOnly)
  return {
    ...Object.fromEntries(Object.entries(def.fields).map(([name, p]) => [name, lenient(p)])),
    ...Object.fromEntries(references.map(([name]) => [`${name}_id`, id()])),
    ...(def.open ? { fields: described(hash(), 'The members, as JSON.') } : {}),
    ...(def.customFields ? CUSTOM_FIELDS : {}),
    ...(def.tags ? TAGS : {}),
    ...(def.acl ? ACL_PARAMS : {}),
    ...Object.assign({}, ...(def.attachments ?? []).map((one) => one.params)),
    ...SU_ID,
    ...VIEW_PARAMS,
  }
}

function lenient(param: Param<unknown>): Param<unknown> {
  if (!param.required) return param
  return {
    schema: param.schema,
    required: false,
    read: (raw: unknown | FilePart, name: string) =>
      raw === undefined || raw === null || raw === '' ? raw : param.read(raw, name),
  }
}
