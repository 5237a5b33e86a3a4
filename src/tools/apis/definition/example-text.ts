/** An example as it is sent. What is text already may be meant as JSON, or as a text in JSON. */
export function exampleText(mediaType: string, value: unknown): string {
  if (!isJsonType(mediaType)) return typeof value === 'string' ? value : JSON.stringify(value)
  if (typeof value !== 'string') return JSON.stringify(value)
  return /^\s*[{["]/.test(value) && isJson(value) ? value : JSON.stringify(value)
}

export function isJsonType(mediaType: string): boolean {
  return /^[^;]*[/+]json\s*(?:;|$)/i.test(mediaType)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
