import { NAME, VERSION } from '../assets/fields.ts'
import { basePathOf } from './api.ts'
import type { ApiDefinition, ParsedDefinition } from './definition/model.ts'
import { isValid } from './definition/model.ts'

/** What an API made of a definition would look like, as far as the definition says. */
export function previewOf(
  parsed: ParsedDefinition,
  { lines, defaultVersion }: { readonly lines: readonly string[]; readonly defaultVersion: string },
) {
  const { definition, findings } = parsed
  const name = definition && nameFor(definition)
  const version = definition?.version?.replace(/[^\w.]/g, '_') ?? ''
  return {
    name,
    version: VERSION.pattern.test(version) ? version : defaultVersion,
    title: definition?.title?.slice(0, 255) ?? null,
    basePath: name === null ? null : basePathOf(name),
    apiDefn: lines,
    ramlValidationReport: { valid: isValid(parsed), validationResults: findings },
  }
}

/** After the path at which it means to be, or after its title. */
function nameFor({ basePath, title }: ApiDefinition): string | null {
  const last = basePath?.split('/').findLast((part) => part !== '') ?? ''
  const words = (title ?? '').normalize('NFKD').replace(/[^A-Za-z0-9]+/g, '_')
  const names = [last, words.replace(/^[^A-Za-z]+|_+$/g, '')].map((one) => one.slice(0, 100))
  return names.find((one) => NAME.pattern.test(one)) ?? null
}
