import type { JsonSchema } from '../engine/params.ts'
import { TOOLS_BASE } from '../tools/http/paths.ts'
import { closed, type PathItem, schemaRef } from './document.ts'
import { FILE_FORM, told } from './tools-parts.ts'

/** The tag of the type of assets. */
const TAG = 'Packages'

/** What is done with packages, besides what can be done with assets of every type. */
export const PACKAGE_PATHS: Readonly<Record<string, PathItem>> = {
  [`${TOOLS_BASE}/assets/packageDependencies`]: {
    post: told('packagesDependencies', {
      ...{ tag: TAG, takes: 'packageQuestion', gives: 'packageOrder' },
      summary: 'Tells what a package of some assets would have, as the export takes it.',
    }),
  },
  [`${TOOLS_BASE}/export/package`]: {
    post: told('packagesExport', {
      ...{ tag: TAG, takes: 'packageExport', gives: 'packageExported' },
      summary: 'Makes a package of assets, and its ZIP archive, which has no keys.',
    }),
  },
  [`${TOOLS_BASE}/import/package/upload`]: {
    post: {
      ...told('packagesUpload', {
        ...{ tag: TAG, gives: 'packageUploaded' },
        summary: 'Takes a package and tells what installing it would do. It is kept for a day.',
      }),
      requestBody: FILE_FORM,
    },
  },
  [`${TOOLS_BASE}/import/package/install`]: {
    post: told('packagesInstall', {
      ...{ tag: TAG, takes: 'packageInstall', gives: 'packageInstalled' },
      summary: 'Makes the assets of an uploaded package that are not there yet, all or none.',
    }),
  },
}

const TEXT: JsonSchema = { type: 'string' }
const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] }
const UUID: JsonSchema = { type: 'string', format: 'uuid' }
const UUID_OR_NULL: JsonSchema = { type: ['string', 'null'], format: 'uuid' }
const TEXTS: JsonSchema = { type: 'object', additionalProperties: TEXT }

const PACKAGE = {
  ...{ id: UUID_OR_NULL, name: TEXT, version: TEXT, title: TEXT_OR_NULL, desc: TEXT_OR_NULL },
}

const RECORD = closed({
  ...{ type: TEXT, id: UUID_OR_NULL, namespace: TEXT_OR_NULL, name: TEXT, version: TEXT },
  status: { enum: ['NEW', 'EXISTS', 'CREATED', 'CONFLICT', 'INVALID'] },
  detail: { ...TEXT_OR_NULL, description: 'What stands in the way.' },
})

const POLICY = closed({
  ...{ name: TEXT, value: TEXT },
  status: {
    enum: ['NEW', 'EXISTS', 'SET', 'NOT_SET'],
    description: 'Those that exist stay as they are. Administrators alone set the others.',
  },
})

const RESULTS = {
  package: closed(PACKAGE),
  importResults: closed({
    dependencies: {
      ...schemaRef('dependencies'),
      description: 'Assets of this place that new ones are tied to, and roles that are missing.',
    },
    records: { type: 'array', items: RECORD },
  }),
  policies: { type: 'array', items: POLICY },
  policyValidationReport: closed({
    valid: { type: 'boolean' },
    validationResults: { type: 'array', items: TEXT },
  }),
  status: { enum: ['SUCCESS', 'FAILURE'] },
} satisfies Record<string, JsonSchema>

const FIELDS: JsonSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 100, pattern: '^[a-zA-Z][a-zA-Z0-9_]*$' },
    version: { type: 'string', maxLength: 100, pattern: '^[a-zA-Z0-9][\\w.]*$' },
    title: { type: ['string', 'null'], maxLength: 255 },
    desc: { type: ['string', 'null'], maxLength: 100 },
  },
  required: ['name'],
}

export const PACKAGE_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  packageQuestion: {
    type: 'object',
    properties: { ids: { type: 'array', items: TEXT } },
    required: ['ids'],
  },
  packageOrder: closed({
    package: closed({ name: TEXT, version: TEXT, desc: TEXT_OR_NULL }),
    dependencies: schemaRef('reverseDependencies'),
  }),
  packageExport: {
    type: 'object',
    properties: {
      package: FIELDS,
      dependencies: { type: 'object', description: 'Lists of assets, of which the ids count.' },
    },
    required: ['package', 'dependencies'],
  },
  packageArtifact: closed({ id: UUID, name: TEXT, downloadLink: TEXT, properties: TEXTS }),
  packageExported: closed({
    package: closed(PACKAGE),
    ...{ artifact: schemaRef('packageArtifact'), downloadLink: TEXT },
  }),
  packageUploaded: closed({ artifact: schemaRef('packageArtifact'), ...RESULTS }),
  packageInstall: {
    type: 'object',
    properties: {
      ...{ id: UUID, name: TEXT },
      properties: { ...TEXTS, description: 'Values in place of those of the policies inside.' },
    },
    required: ['id', 'name'],
  },
  packageInstalled: closed(RESULTS),
}
