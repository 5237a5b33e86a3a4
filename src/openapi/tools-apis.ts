import type { JsonSchema } from '../engine/params.ts'
import { toolsPath } from '../tools/http/paths.ts'
import { closed, jsonContent, type Parameter, type PathItem, schemaRef } from './document.ts'
import { ETAG, FILE_FORM, ID, IF_MATCH, LOCATION, PAGED, told } from './tools-parts.ts'

/** The tags of the types of assets that these paths belong to. */
const APIS = 'Apis'
const IMPLEMENTATIONS = 'Implementations'

const TEXT: JsonSchema = { type: 'string' }
const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] }
const UUID: JsonSchema = { type: 'string', format: 'uuid' }

const ARCHIVE = {
  '200': {
    description: 'The file.',
    content: { 'application/zip': { schema: { type: 'string', format: 'binary' } } },
  },
}

function idNamed(name: string): Parameter {
  return { ...ID, name }
}

/** What APIs and implementations have besides what all assets have. */
export const API_PATHS: Readonly<Record<string, PathItem>> = {
  [toolsPath('apis', 'raml')]: {
    post: {
      ...told('apisPreview', {
        ...{ tag: APIS, gives: 'apiPreview' },
        summary: 'Checks a definition, RAML or OpenAPI, and makes nothing.',
      }),
      requestBody: FILE_FORM,
    },
  },
  [toolsPath('apis', '{id}', 'scaffold')]: {
    get: told('apisScaffold', {
      ...{ tag: APIS, parameters: [ID], reply: ARCHIVE },
      summary: 'Gives a program to begin with, in JavaScript.',
    }),
  },
  [toolsPath('apis', '{id}', 'implementations')]: {
    get: told('apisImplementations', {
      ...{ tag: APIS, parameters: [ID, ...PAGED], gives: 'implementationsPaging' },
      summary: 'Lists the implementations of an API, and which is the default.',
    }),
    post: {
      ...told('apisUpload', {
        ...{ tag: APIS, parameters: [ID, IF_MATCH] },
        summary: 'Takes an archive as an implementation, or in place of a draft.',
        reply: {
          '201': {
            description: 'What became of it; the tag is that of the API.',
            headers: { ...ETAG, ...LOCATION },
            content: jsonContent(schemaRef('implementationUpload')),
          },
        },
      }),
      requestBody: FILE_FORM,
    },
  },
  [toolsPath('apis', '{id}', 'implementations', 'default', '{implementationId}')]: {
    put: told('apisSetDefault', {
      ...{ tag: APIS, parameters: [ID, idNamed('implementationId'), IF_MATCH] },
      summary: 'Has an implementation take the calls of its API.',
    }),
  },
  [toolsPath('artifacts', '{artifactId}')]: {
    get: told('artifactsRead', {
      ...{ tag: IMPLEMENTATIONS, parameters: [idNamed('artifactId')], reply: ARCHIVE },
      summary: 'Gives the file of an asset.',
    }),
  },
}

const FINDING = closed({
  severity: { enum: ['ERROR', 'WARNING'] },
  message: TEXT,
  path: { type: 'string', description: 'The names on the way to the place.' },
  line: { type: ['integer', 'null'] },
})

export const API_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  apiPreview: closed({
    name: TEXT_OR_NULL,
    version: TEXT,
    title: TEXT_OR_NULL,
    basePath: TEXT_OR_NULL,
    apiDefn: { type: 'array', items: TEXT },
    ramlValidationReport: closed({
      valid: { type: 'boolean' },
      validationResults: { type: 'array', items: FINDING },
    }),
  }),
  implementationUpload: closed({
    implementationId: UUID,
    artifactId: UUID,
    unresolvedDependencies: { type: 'array', items: closed({ name: TEXT, version: TEXT }) },
  }),
}
