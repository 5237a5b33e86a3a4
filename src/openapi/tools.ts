import { toolsPath } from '../tools/http/paths.ts'
import {
  jsonContent,
  type Operation,
  type Part,
  type Response,
  responseRef,
  schemaRef,
} from './document.ts'
import { ANALYTICS_PATHS, ANALYTICS_SCHEMAS, ANALYTICS_TAGS } from './tools-analytics.ts'
import { API_SCHEMAS } from './tools-apis.ts'
import { ASSETS, POLICIES } from './tools-assets.ts'
import { KIND_SCHEMAS, KIND_TAGS } from './tools-kinds.ts'
import { LIFECYCLE_PATHS } from './tools-lifecycle.ts'
import {
  NOTIFICATION_PATHS,
  NOTIFICATION_SCHEMAS,
  NOTIFICATION_TAGS,
} from './tools-notifications.ts'
import { PACKAGE_PATHS, PACKAGE_SCHEMAS } from './tools-packages.ts'
import {
  BACKENDS,
  ETAG,
  ID,
  IF_MATCH,
  LIST_PARAMETERS,
  LOCATION,
  oneBackend,
  PROBLEMS,
  TEAM,
} from './tools-parts.ts'
import { ROLE_PATHS, ROLE_SCHEMAS, ROLE_TAGS } from './tools-roles.ts'
import { TOOLS_SCHEMAS } from './tools-schemas.ts'
import { TEAM_PATHS, TEAM_SCHEMAS, TEAM_TAGS } from './tools-team.ts'

/** The tools API, whose reference is the published one: so it is written here and not derived. */
export function toolsPart(): Part {
  return {
    tags: [
      { name: 'Tokens', description: 'Bearer tokens for team members and backends.' },
      { name: BACKENDS, description: 'Each is an app of the data API: one tenant and its keys.' },
      { name: ASSETS, description: 'What can be trashed, restored and purged.' },
      ...KIND_TAGS,
      ...ROLE_TAGS,
      ...NOTIFICATION_TAGS,
      ...ANALYTICS_TAGS,
      { name: POLICIES, description: 'Names and values that say how the server behaves.' },
      ...TEAM_TAGS,
    ],
    paths: {
      '/oauth2/v1/token': { post: TOKEN },
      [toolsPath('mobilebackends')]: { get: LIST, post: CREATE },
      [toolsPath('mobilebackends', '{id}')]: { get: READ, put: UPDATE },
      // Before those of clients, one of which they look like.
      ...NOTIFICATION_PATHS,
      ...ANALYTICS_PATHS,
      ...LIFECYCLE_PATHS,
      ...TEAM_PATHS,
      ...ROLE_PATHS,
      ...PACKAGE_PATHS,
    },
    components: {
      schemas: {
        ...TOOLS_SCHEMAS,
        ...KIND_SCHEMAS,
        ...API_SCHEMAS,
        ...TEAM_SCHEMAS,
        ...ROLE_SCHEMAS,
        ...PACKAGE_SCHEMAS,
        ...NOTIFICATION_SCHEMAS,
        ...ANALYTICS_SCHEMAS,
      },
      responses: { Problem: PROBLEM },
      securitySchemes: {
        teamToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token of a team member, mostly with the role Developer at least.',
        },
        client: {
          type: 'http',
          scheme: 'basic',
          description: 'The id and the secret of the team client, or of a backend.',
        },
      },
    },
  }
}

const PROBLEM: Response = {
  description: 'The call was refused, or failed: `detail` says why.',
  content: jsonContent(schemaRef('problem')),
}

const TOKEN: Operation = {
  operationId: 'token',
  tags: ['Tokens'],
  summary: 'Gives a token.',
  description:
    'RFC 6749: team members, and users of a backend through its client, by `password`; backends by `client_credentials`.',
  // The credentials may stand in the form instead.
  security: [{ client: [] }, {}],
  requestBody: {
    required: true,
    content: { 'application/x-www-form-urlencoded': { schema: schemaRef('tokenRequest') } },
  },
  responses: {
    '200': { description: 'The token.', content: jsonContent(schemaRef('token')) },
    '405': responseRef('Problem'),
    '4XX': { description: 'No token.', content: jsonContent(schemaRef('tokenRefusal')) },
    '5XX': responseRef('Problem'),
  },
}

const LIST: Operation = {
  operationId: 'mobilebackendsList',
  tags: [BACKENDS],
  summary: 'Lists backends, also those in the trash, unless a filter says otherwise.',
  security: TEAM,
  parameters: LIST_PARAMETERS,
  responses: {
    '200': { description: 'A page.', content: jsonContent(schemaRef('mobilebackendPaging')) },
    ...PROBLEMS,
  },
}

const CREATE: Operation = {
  operationId: 'mobilebackendsCreate',
  tags: [BACKENDS],
  summary: 'Makes a draft backend with both sets of keys.',
  security: TEAM,
  requestBody: { required: true, content: jsonContent(schemaRef('mobilebackendCreate')) },
  responses: { '201': oneBackend('The new backend.', { ...ETAG, ...LOCATION }), ...PROBLEMS },
}

const READ: Operation = {
  operationId: 'mobilebackendsRead',
  tags: [BACKENDS],
  summary: 'Shows a backend, also one in the trash.',
  security: TEAM,
  parameters: [ID],
  responses: { '200': oneBackend('The backend.', ETAG), ...PROBLEMS },
}

const UPDATE: Operation = {
  operationId: 'mobilebackendsUpdate',
  tags: [BACKENDS],
  summary: 'Changes a draft; of a published backend only `inactive`. What is left out stays.',
  security: TEAM,
  parameters: [ID, IF_MATCH],
  requestBody: { required: true, content: jsonContent(schemaRef('mobilebackendUpdate')) },
  responses: { '204': { description: 'Done.', headers: ETAG }, ...PROBLEMS },
}
