import { ACTIVITY_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../tools/list/filter-types.ts'
import {
  jsonContent,
  type Operation,
  type Parameter,
  type RequestBody,
  type Response,
  responseRef,
  schemaRef,
} from './document.ts'

export const BACKENDS = 'Mobile backends'

export const PROBLEMS = { '4XX': responseRef('Problem'), '5XX': responseRef('Problem') }

export const TEAM = [{ teamToken: [] }]

const ORDER = 'name, version, modifiedOn, createdOn, deletedOn and deletedBy'
const TIME =
  'milliseconds since 1970, an ISO 8601 date, or a time before now such as -30s, -15m or -2h'
const FILTER_TYPES = Object.keys({ ...PUBLICATION_FILTERS, ...TRASH_FILTERS, ...ACTIVITY_FILTERS })

export const LIST_PARAMETERS: readonly Parameter[] = [
  ids('id', 'Only those with these ids.'),
  ids('exclude', 'All but those with these ids.'),
  {
    ...query('filterType', 'Only those of which all of these hold, comma-separated.'),
    schema: { type: 'array', items: { enum: FILTER_TYPES } },
    style: 'form',
    explode: false,
  },
  query('fromTime', `Only those changed or, if in the trash, deleted since then: ${TIME}.`),
  query('toTime', `Only those changed or, if in the trash, deleted until then: ${TIME}.`),
  query('q', 'Only those with this text in name, display name or description, in any case.'),
  query('orderBy', `name:asc unless it says otherwise: attr:asc or attr:desc of ${ORDER}.`),
  { ...query('limit', 'Items in a reply at most.'), schema: int64(1) },
  { ...query('offset', 'Items to pass over.'), schema: int64(0) },
  query('totalResults', 'Read and ignored: the total is always told.'),
  {
    name: 'Accept-Language',
    in: 'header',
    description: 'The language by which texts are sorted.',
    schema: { type: 'string' },
  },
]

export function query(name: string, description: string): Parameter {
  return { name, in: 'query', description, schema: { type: 'string' } }
}

function ids(name: string, description: string): Parameter {
  const schema = { type: 'array', items: { type: 'string' } }
  return { ...query(name, description), schema, style: 'form', explode: true }
}

function int64(minimum: number) {
  return { type: 'integer', format: 'int64', minimum }
}

export const ETAG = { ETag: { schema: { type: 'string' } } }
export const LOCATION = { Location: { schema: { type: 'string' } } }

export function oneBackend(
  description: string,
  headers: NonNullable<Response['headers']>,
): Response {
  return { description, headers, content: jsonContent(schemaRef('mobilebackendGet')) }
}

export const ID: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', format: 'uuid' },
}

export const IF_MATCH: Parameter = {
  name: 'If-Match',
  in: 'header',
  description: 'Tags of the state that is meant; `*` or nothing for any.',
  schema: { type: 'string' },
}

/** A form with one file. */
export const FILE_FORM: RequestBody = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        properties: { file: { type: 'string', format: 'binary' } },
        required: ['file'],
      },
    },
  },
}

type Told = {
  readonly tag?: string
  readonly summary: string
  readonly parameters?: readonly Parameter[]
  /** The schema of the body. */
  readonly takes?: string
  /** The schema of the reply; none for 204. */
  readonly gives?: string
  readonly reply?: Readonly<Record<string, Response>>
}

export function told(operationId: string, given: Told): Operation {
  const { tag = BACKENDS, summary, parameters = [], takes, gives, reply } = given
  const success: Readonly<Record<string, Response>> = gives
    ? { '200': { description: 'As asked.', content: jsonContent(schemaRef(gives)) } }
    : { '204': { description: 'Done.', headers: ETAG } }
  return {
    operationId,
    tags: [tag],
    summary,
    security: TEAM,
    ...(parameters.length > 0 && { parameters }),
    ...(takes && { requestBody: { required: true, content: jsonContent(schemaRef(takes)) } }),
    responses: { ...(reply ?? success), ...PROBLEMS },
  }
}

export const PAGED: readonly Parameter[] = LIST_PARAMETERS.filter(({ name }) =>
  ['limit', 'offset', 'totalResults'].includes(name),
)
