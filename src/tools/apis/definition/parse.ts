import { Cursor, Findings, isMap } from './cursor.ts'
import type { ApiDefinition, ParsedDefinition, Resource } from './model.ts'
import { readOpenApi } from './open-api.ts'
import { parsePath, shapeOf } from './path-template.ts'
import { readRaml } from './raml.ts'
import { readSource, type Source, SourceError } from './source.ts'

/** Reads the definition of an API: RAML 0.8 or 1.0, or OpenAPI 3.x as YAML or JSON. */
export function parseDefinition(text: string): ParsedDefinition {
  let source: Source
  try {
    source = readSource(text)
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    const finding = {
      severity: 'ERROR',
      message: error.message,
      path: '',
      line: error.line,
    } as const
    return { definition: null, findings: [finding] }
  }
  const findings = new Findings(source.lineOf)
  const root = new Cursor(source.value, [], findings)
  const definition = readRoot(root, text)
  if (definition) {
    if (definition.resources.length === 0) root.warn('There is no resource with an operation.')
    tellTwins(root, definition.resources)
  }
  return { definition, findings: findings.list }
}

function readRoot(root: Cursor, text: string): ApiDefinition | null {
  const [, raml] = /^#%RAML[ \t]+(.*?)[ \t]*(?:\r?\n|$)/.exec(text) ?? []
  if (raml === '0.8' || raml === '1.0') return readRaml(root, `RAML ${raml}`)
  const version = isMap(root.value) ? root.value.openapi : undefined
  const [, openApi] = /^(3\.\d+)(?:\.|$)/.exec(String(version)) ?? []
  if (raml === undefined && openApi !== undefined) return readOpenApi(root, openApi)
  root.error(problemWith(root, raml, version))
  return null
}

function problemWith(root: Cursor, raml: string | undefined, version: unknown): string {
  if (raml !== undefined) return `RAML ${raml} is not supported; use 0.8 or 1.0, and a whole API.`
  if (version !== undefined) return `OpenAPI ${version} is not supported; use 3.0 or later.`
  if (isMap(root.value) && root.value.swagger !== undefined) {
    return 'Swagger 2.0 is not supported; convert it to OpenAPI 3.'
  }
  return "This is neither RAML, whose first line is '#%RAML 1.0', nor OpenAPI 3."
}

/** Two resources that match the same paths: which of them is meant? */
function tellTwins(root: Cursor, resources: readonly Resource[]): void {
  const seen = new Map<string, string>()
  for (const { path } of resources) {
    const template = parsePath(path)
    if (!template) continue
    const shape = shapeOf(template)
    const other = seen.get(shape)
    if (other !== undefined) root.error(`${path} and ${other} are the same resource.`)
    seen.set(shape, path)
  }
}
