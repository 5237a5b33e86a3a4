import type { JsonSchema } from '../engine/params.ts'
import { toolsPath } from '../tools/http/paths.ts'
import { closed, jsonContent, type PathItem, type Response, schemaRef } from './document.ts'
import { ETAG, ID, IF_MATCH, LOCATION, PAGED, told } from './tools-parts.ts'
import { pagingOf } from './tools-schemas.ts'

const TAG = 'Roles'

export const ROLE_TAGS = [{ name: TAG, description: 'Names that users of apps have.' }]

const ONE: Response = {
  description: 'The role.',
  headers: ETAG,
  content: jsonContent(schemaRef('role')),
}

export const ROLE_PATHS: Readonly<Record<string, PathItem>> = {
  [toolsPath('roles')]: {
    get: told('roles', {
      ...{ tag: TAG, summary: 'Lists roles by name.', parameters: PAGED, gives: 'rolePaging' },
    }),
    post: told('rolesCreate', {
      ...{ tag: TAG, summary: 'Makes a role.', takes: 'roleUpdate' },
      reply: { '201': { ...ONE, headers: { ...ETAG, ...LOCATION } } },
    }),
  },
  [toolsPath('roles', '{id}')]: {
    get: told('rolesRead', {
      ...{ tag: TAG, summary: 'Shows a role.', parameters: [ID], reply: { '200': ONE } },
    }),
    put: told('rolesUpdate', {
      ...{ tag: TAG, summary: 'Changes a role.', parameters: [ID, IF_MATCH], takes: 'roleUpdate' },
    }),
    delete: told('rolesDelete', {
      ...{ tag: TAG, summary: 'Removes a role that no asset names.', parameters: [ID, IF_MATCH] },
    }),
  },
}

const TEXT: JsonSchema = { type: 'string' }
const TIME: JsonSchema = { type: 'string', format: 'date-time' }

export const ROLE_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  role: closed({
    ...{ id: { type: 'string', format: 'uuid' }, name: TEXT, desc: { type: ['string', 'null'] } },
    ...{ etag: TEXT, createdOn: TIME, createdBy: TEXT, modifiedOn: TIME, modifiedBy: TEXT },
    links: schemaRef('entityLinksArray'),
  }),
  rolePaging: pagingOf(schemaRef('role')),
  roleUpdate: {
    type: 'object',
    properties: {
      name: { type: 'string', maxLength: 100, pattern: '^[A-Za-z][\\w.-]*$' },
      desc: { type: ['string', 'null'], maxLength: 100 },
    },
    required: ['name'],
  },
}
