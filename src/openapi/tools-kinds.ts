import type { JsonSchema } from '../engine/params.ts'
import { toolsPath } from '../tools/http/paths.ts'
import { IMPLEMENTATIONS } from '../tools/implementations/implementation.ts'
import { DECLARED_KINDS } from '../tools/kinds.ts'
import { PACKAGES } from '../tools/packages/package.ts'
import { jsonContent, type Operation, type PathItem, type Response, schemaRef } from './document.ts'
import { ETAG, ID, IF_MATCH, LIST_PARAMETERS, LOCATION, PAGED, query, told } from './tools-parts.ts'
import { ASSET_FIELDS, pagingOf } from './tools-schemas.ts'

type Kind = (typeof DECLARED_KINDS)[number]

/** One type of assets in the document. */
export type Documented = {
  /** The first part of its addresses. */
  readonly group: string
  /** What the ids of its operations begin with: those of the data API are ids too. */
  readonly operations: string
  readonly what: string
  readonly tag: string
}

/** Whether people make them out of nothing, and not of a file. */
function isMade(kind: Kind): boolean {
  return kind !== IMPLEMENTATIONS && kind !== PACKAGES
}

/** What assets of every type have below their address. */
export function commonPaths({
  group,
  operations,
  what,
  tag,
}: Documented): Record<string, PathItem> {
  const own = (part: string) => toolsPath(group, '{id}', part)
  const publish = (name: string): Operation =>
    told(`${operations}${name}`, {
      ...{ tag, parameters: [ID, IF_MATCH], takes: 'publish' },
      summary: `Publishes a ${what} for good, and the drafts that are named.`,
    })
  return {
    [own('dependencies')]: {
      get: told(`${operations}Dependencies`, {
        ...{ tag, gives: 'dependencies', summary: `Tells what a ${what} needs.` },
        parameters: [ID, query('type', 'internal or external; both unless given.')],
      }),
    },
    [own('reverseDependencies')]: {
      get: told(`${operations}ReverseDependencies`, {
        ...{ tag, gives: 'reverseDependencies', summary: `Tells what needs a ${what}.` },
        parameters: [ID],
      }),
    },
    [own('history')]: {
      get: told(`${operations}History`, {
        ...{ tag, gives: 'historyPaging', summary: `Tells who did what to a ${what}.` },
        parameters: [ID, ...PAGED, query('orderBy', 'performedOn:asc or performedOn:desc.')],
      }),
    },
    [own('publication')]: {
      get: told(`${operations}Publication`, {
        ...{ tag, gives: 'publication', parameters: [ID] },
        summary: `Tells whether a ${what} can be published, and with which drafts.`,
      }),
      post: publish('Publish'),
      put: publish('PublishByPut'),
    },
  }
}

/** The paths of a plain type of assets, as its declaration has them. */
function kindPaths(kind: Kind): Record<string, PathItem> {
  const { group, what } = kind
  const tag = tagOf(kind)
  const operations = `tools${tag}`
  const filters = Object.keys(kind.filterTypes).join(', ')
  const schema = (suffix: string) => `${group}${suffix}`
  const change = { tag, parameters: [ID, IF_MATCH] }
  return {
    [toolsPath(group)]: {
      get: told(`${operations}List`, {
        ...{ tag, gives: schema('Paging'), summary: `Lists ${group}.` },
        parameters: [
          ...LIST_PARAMETERS.filter(({ name }) => name !== 'filterType'),
          query('filterType', `Any of ${filters}, comma-separated.`),
        ],
      }),
      ...(isMade(kind) && {
        post: told(`${operations}Create`, {
          ...{ tag, takes: schema('Create'), summary: `Makes a draft ${what}.` },
          reply: { '201': one(kind, { ...ETAG, ...LOCATION }) },
        }),
      }),
    },
    [toolsPath(group, '{id}')]: {
      get: told(`${operations}Read`, {
        ...{ tag, summary: `Shows a ${what}, also one in the trash.`, parameters: [ID] },
        reply: { '200': one(kind, ETAG) },
      }),
      put: told(`${operations}Update`, {
        ...{ ...change, takes: schema('Update') },
        summary: `Changes a draft ${what}. What is left out stays.`,
      }),
    },
    [toolsPath(group, '{id}', 'versions')]: {
      post: told(`${operations}CreateVersion`, {
        ...{ ...change, takes: 'versionCreate' },
        summary: `Copies a ${what} to a draft of another version.`,
        reply: { '201': one(kind, { ...ETAG, ...LOCATION }) },
      }),
    },
    ...commonPaths({ group, operations, what, tag }),
  }
}

function kindSchemas(kind: Kind): Record<string, JsonSchema> {
  const { group } = kind
  const members = Object.entries(kind.members)
  const properties = Object.fromEntries(members.map(([name, { schema }]) => [name, schema]))
  const required = members.filter(([, one]) => one.isRequired).map(([name]) => name)
  const always = members.filter(([, one]) => !one.onlyAlone).map(([name]) => name)
  const written = members.filter(([, one]) => !one.isReadOnly).map(([name]) => name)
  const get = {
    allOf: [schemaRef('assetGet'), { type: 'object', properties, required: always }],
    unevaluatedProperties: false,
  } satisfies JsonSchema
  const fields = {
    ...ASSET_FIELDS,
    ...Object.fromEntries(written.map((name) => [name, properties[name] ?? {}])),
  }
  return {
    [`${group}Get`]: get,
    [`${group}Paging`]: pagingOf(schemaRef(`${group}Get`)),
    ...(isMade(kind) && {
      [`${group}Create`]: { type: 'object', properties: fields, required: ['name', ...required] },
    }),
    [`${group}Update`]: { type: 'object', properties: fields, required: ['name'] },
  }
}

function one({ group, what }: Kind, headers: NonNullable<Response['headers']>): Response {
  return { description: `The ${what}.`, headers, content: jsonContent(schemaRef(`${group}Get`)) }
}

function tagOf({ group }: Kind): string {
  return `${group.charAt(0).toUpperCase()}${group.slice(1)}`
}

export const KIND_TAGS = DECLARED_KINDS.map((kind) => ({
  name: tagOf(kind),
  description: `Assets of the type ${kind.name}.`,
}))

export const KIND_PATHS: Readonly<Record<string, PathItem>> = Object.assign(
  {},
  ...DECLARED_KINDS.map(kindPaths),
)

export const KIND_SCHEMAS: Readonly<Record<string, JsonSchema>> = Object.assign(
  {},
  ...DECLARED_KINDS.map(kindSchemas),
)
