import type { JsonSchema } from '../engine/params.ts'
import { toolsPath } from '../tools/http/paths.ts'
import { closed, jsonContent, type PathItem, type Response, schemaRef } from './document.ts'
import { ETAG, ID, IF_MATCH, LOCATION, PAGED, query, told } from './tools-parts.ts'
import { pagingOf } from './tools-schemas.ts'

const TAG = 'Analytics'

export const ANALYTICS_TAGS = [{ name: TAG, description: 'How much apps are used.' }]

const ONE: Response = {
  description: 'The analytics app.',
  headers: ETAG,
  content: jsonContent(schemaRef('analyticsApp')),
}

export const ANALYTICS_PATHS: Readonly<Record<string, PathItem>> = {
  [toolsPath('analytics', 'apps')]: {
    get: told('analyticsApps', {
      ...{ tag: TAG, summary: 'Lists analytics apps by name.', parameters: PAGED },
      gives: 'analyticsAppPaging',
    }),
    post: told('analyticsAppsCreate', {
      ...{ tag: TAG, summary: 'Makes an analytics app.', takes: 'analyticsAppUpdate' },
      reply: { '201': { ...ONE, headers: { ...ETAG, ...LOCATION } } },
    }),
  },
  [toolsPath('analytics', 'apps', '{id}')]: {
    get: told('analyticsAppsRead', {
      ...{ tag: TAG, summary: 'Shows an analytics app.', parameters: [ID], reply: { '200': ONE } },
    }),
    put: told('analyticsAppsUpdate', {
      ...{ tag: TAG, summary: 'Changes an analytics app.', parameters: [ID, IF_MATCH] },
      takes: 'analyticsAppUpdate',
    }),
    delete: told('analyticsAppsDelete', {
      ...{ tag: TAG, summary: 'Removes an analytics app; its events stay.' },
      parameters: [ID, IF_MATCH],
    }),
  },
  [toolsPath('mobilebackends', '{id}', 'analytics')]: {
    get: told('mobilebackendsAnalytics', {
      ...{ tag: TAG, summary: 'Counts the events that came through a backend.' },
      parameters: [
        ID,
        query('name', 'Of events; all unless given.'),
        query('from', 'ISO 8601, or -2h from now; 30 days before `to` unless given.'),
        query('to', 'The same; now unless given.'),
        query('by', 'day: each day by itself, too.'),
      ],
      gives: 'analyticsCounts',
    }),
  },
}

const TEXT: JsonSchema = { type: 'string' }
const TIME: JsonSchema = { type: 'string', format: 'date-time' }
const COUNT: JsonSchema = { type: 'integer', minimum: 0 }
const GUID: JsonSchema = { type: 'string', format: 'uuid' }

const COUNTS: Readonly<Record<string, JsonSchema>> = {
  ...{ analyticsAppGuid: GUID, timeZone: TEXT, name: { type: ['string', 'null'] } },
  ...{ from: TIME, to: TIME, count: COUNT },
}

export const ANALYTICS_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  analyticsApp: closed({
    ...{ id: GUID, name: TEXT, timeZone: TEXT, etag: TEXT },
    ...{ createdOn: TIME, createdBy: TEXT, modifiedOn: TIME, modifiedBy: TEXT },
    links: schemaRef('entityLinksArray'),
  }),
  analyticsAppPaging: pagingOf(schemaRef('analyticsApp')),
  analyticsAppUpdate: {
    type: 'object',
    properties: {
      name: { type: 'string', maxLength: 255 },
      timeZone: { type: 'string', maxLength: 255, description: 'UTC unless given.' },
    },
    required: ['name'],
  },
  analyticsCounts: closed(
    {
      ...COUNTS,
      items: {
        type: 'array',
        items: closed({ day: { type: 'string', format: 'date' }, count: COUNT }),
      },
    },
    Object.keys(COUNTS),
  ),
}
