import type { MethodDefinition } from '../engine/definition.ts'
import type { JsonSchema } from '../engine/params.ts'
import { type DataApi, groupsOf } from './data-api.ts'
import { closed, jsonContent, type Operation, type Part, responseRef } from './document.ts'
import { objectSchema } from './object-schema.ts'
import {
  inputSchema,
  parametersOf,
  requestBody,
  SHARED_PARAMETERS,
  templateOf,
} from './parameters.ts'
import { PUSH_SCHEMAS } from './push-schemas.ts'
import { FAILURE, FAILURES, successSchema } from './replies.ts'
import { DATA_SECURITY, dataSecurity } from './security.ts'

/** What methods return besides objects. */
const OTHER_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  ObjectId: { type: 'string', pattern: '^[0-9a-f]{24}$' },
  Date: {
    type: 'string',
    pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+0000$',
    examples: ['2019-04-02T10:00:00+0000'],
  },
  Permission: closed({
    read_permission: { type: 'boolean' },
    write_permission: { type: 'boolean' },
  }),
  ...PUSH_SCHEMAS,
  Failure: FAILURE,
}

/** Everything that a document says of the data API comes from the declarations. */
export function dataPart(api: DataApi): Part {
  const { methods, objects } = api
  const schemas = objects.map((def) => [def.title, objectSchema(def, objects)])
  const inputs = methods.map((method) => [inputName(method), inputSchema(method)])
  return {
    tags: groupsOf(api),
    paths: Object.fromEntries(
      methods.map((method) => [
        templateOf(method.path),
        { [method.verb.toLowerCase()]: operationOf(method) },
      ]),
    ),
    components: {
      schemas: {
        ...OTHER_SCHEMAS,
        ...Object.fromEntries(schemas),
        ...Object.fromEntries(inputs.filter(([, schema]) => schema !== null)),
      },
      parameters: SHARED_PARAMETERS,
      responses: FAILURES,
      securitySchemes: DATA_SECURITY,
    },
  }
}

function operationOf(method: MethodDefinition): Operation {
  const success = { description: 'Done.', content: jsonContent(successSchema(method)) }
  return {
    operationId: operationId(method),
    tags: [method.group],
    summary: method.summary,
    security: dataSecurity(method.auth),
    parameters: parametersOf(method),
    ...(inputSchema(method) ? { requestBody: requestBody(method, inputName(method)) } : {}),
    // A method answers 202 instead of 200 where a part of the work is left undone.
    responses: { '2XX': success, '4XX': responseRef('Refused'), '5XX': responseRef('Failed') },
    'x-method-name': method.name,
    'x-auth': method.auth,
    ...(method.aliases ? { 'x-aliases': method.aliases } : {}),
  }
}

/**
 * `objects/:classname/batch_create` as `objectsBatchCreate`: paths are unique where the names that
 * replies carry are not.
 */
export function operationId({ path }: MethodDefinition): string {
  const words = path.split(/[/_]/).filter((word) => word !== '' && !word.startsWith(':'))
  return words.map((word, i) => (i === 0 ? word : capital(word))).join('')
}

function inputName(method: MethodDefinition): string {
  return `${capital(operationId(method))}Input`
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
