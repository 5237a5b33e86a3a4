import { dataPart } from './data.ts'
import { dataApi } from './data-api.ts'
import { documentOf, type OpenApiDocument } from './document.ts'
import { healthPart } from './health.ts'
import { toolsPart } from './tools.ts'

export const DOCUMENT_NAMES = ['whole', 'data', 'tools'] as const

export type DocumentName = (typeof DOCUMENT_NAMES)[number]

/** @param version of the server */
export function buildDocument(name: DocumentName, version: string): OpenApiDocument {
  switch (name) {
    case 'data':
      return documentOf({ ...DATA, version }, [dataPart(dataApi)])
    case 'tools':
      return documentOf({ ...TOOLS, version }, [toolsPart(), healthPart()])
    case 'whole':
      return documentOf({ ...WHOLE, version }, [dataPart(dataApi), toolsPart(), healthPart()])
  }
}

const DATA = {
  title: 'Homeport data API',
  description:
    'What apps talk to: Mobile Backend Services, version 1. The path tells the method; the verb is the documented one, and POST is taken for any that changes something. Parameters are read from the query and from the body on every verb.',
}

const TOOLS = {
  title: 'Homeport tools API',
  description: 'What teams manage mobile backends with: the Mobile Hub tools API, version 1.0.',
}

const WHOLE = { title: 'Homeport', description: `${DATA.description}\n\n${TOOLS.description}` }
